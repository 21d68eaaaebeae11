import { setTimeout as sleep } from 'node:timers/promises';
import { KilnError } from '../../errors.js';
import type { Kubectl } from './kubectl.js';

/** Between two attempts, in milliseconds. */
const EVERY = 1000;

/**
 * Repeats `attempt` until it returns, and returns that; when the check's time is over, throws what the last whole attempt threw.
 * An interrupt, or a program that is not there, ends it at once.
 */
export async function eventually<T>(
  { kubectl, signal }: { kubectl: Kubectl; signal: AbortSignal },
  attempt: () => Promise<T>,
): Promise<T> {
  let before: unknown;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted || isHopeless(error)) throw error;
      // Cut short by the end of the time, an attempt says less than the one before it.
      if (kubectl.left() === 0) throw before ?? error;
      if (kubectl.left() <= EVERY) throw error;
      before = error;
    }
    await sleep(EVERY, undefined, { signal });
  }
}

function isHopeless(error: unknown): boolean {
  return error instanceof KilnError && ['TOOL_MISSING', 'INTERRUPTED'].includes(error.code);
}
