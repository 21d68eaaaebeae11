import { setTimeout as sleep } from 'node:timers/promises';
import { KilnError } from '../../errors.js';
import type { Kubectl } from './kubectl.js';

/** Between two attempts, in milliseconds. */
const EVERY = 1000;

/**
 * Repeats `attempt` until it returns, and returns that; when the check's time is over, throws what the last attempt threw.
 * An interrupt, or a program that is not there, ends it at once.
 */
export async function eventually<T>(
  { kubectl, signal }: { kubectl: Kubectl; signal: AbortSignal },
  attempt: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted || isHopeless(error) || kubectl.left() <= EVERY) throw error;
    }
    await sleep(EVERY, undefined, { signal });
  }
}

function isHopeless(error: unknown): boolean {
  return error instanceof KilnError && ['TOOL_MISSING', 'INTERRUPTED'].includes(error.code);
}
