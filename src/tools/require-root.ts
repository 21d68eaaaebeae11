import { KilnError } from '../errors.js';

/**
 * Refuses to go on without root.
 *
 * @param why a whole clause: what is done, and why it needs root
 * @throws KilnError ROOT_NEEDED
 */
export function requireRoot(why: string): void {
  if (process.getuid?.() === 0) return;
  throw new KilnError('ROOT_NEEDED', why, { hint: 'Run the same command with sudo.' });
}
