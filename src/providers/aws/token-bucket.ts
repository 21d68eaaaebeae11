import type { Clock } from './clock.js';

/** What AWS lets through at once, and what it adds each second. */
export interface BucketSize {
  burst: number;
  perSecond: number;
}

/** Takes so many tokens, waiting until they are there; who comes first goes first. */
export type TakeTokens = (cost: number, signal: AbortSignal) => Promise<void>;

/** A token bucket, full at first. A request dearer than the whole bucket waits until its debt is paid off, not for ever. */
export function createTokenBucket({ burst, perSecond }: BucketSize, clock: Clock): TakeTokens {
  let tokens = burst;
  let last = clock.now();
  return async (cost, signal) => {
    const now = clock.now();
    tokens = Math.min(burst, tokens + ((now - last) / 1000) * perSecond) - cost;
    last = now;
    // Below nothing: taken on credit, so that the next one waits for this one too.
    if (tokens < 0) await clock.sleep((-tokens / perSecond) * 1000, signal);
  };
}
