import { KilnError } from '../../errors.js';
import type { Kubectl } from './kubectl.js';
import type { Reach } from './types.js';

/** What a check may use. `facts` is what earlier checks learned and the report tells. */
export interface SmokeContext {
  kubectl: Kubectl;
  signal: AbortSignal;
  image: string | undefined;
  pull: boolean;
  /** Nodes that must be there and ready; empty: those the API lists. */
  nodes: readonly string[];
  reach: Reach | undefined;
  facts: { kubernetes?: string };
  /** Whether a check before this one passed. */
  passed(name: string): boolean;
}

export interface SmokeCheck {
  name: string;
  title: string;
  /** Seconds it is given: an emulated machine is twenty times slower than a real one. */
  limit: number;
  /** Checks without which this one would say nothing. */
  needs: readonly string[];
  /** Where to look when it fails. */
  hint: string;
  /** Returns what it saw, or why it was not done; throws when the cluster does not do what it should. */
  run(context: SmokeContext): Promise<string | { skipped: string }>;
}

/** What a check throws: `message` says what was seen instead of what was expected. */
export function unexpected(message: string): KilnError {
  return new KilnError('TEST_FAILED', message);
}
