import type { Clock } from './clock.js';

/** What AWS lets through at once, and what it adds each second. */
export interface BucketSize {
  burst: number;
  perSecond: number;
}

export interface TokenBucket {
  /** Takes so many tokens, waiting until they are there; who comes first goes first. */
  take(cost: number, signal: AbortSignal): Promise<void>;
  /** Puts back what was taken and not used. */
  giveBack(rest: number): void;
}

/**
 * A token bucket, full at first. A request dearer than the whole bucket waits until its debt is paid off, not for ever.
 *
 * @param onWait is told of each wait, in milliseconds, before it.
 */
export function createTokenBucket(
  { burst, perSecond }: BucketSize,
  clock: Clock,
  onWait: (milliseconds: number) => void = () => {},
): TokenBucket {
  let tokens = burst;
  let last = clock.now();
  function add(more: number): void {
    const now = clock.now();
    tokens = Math.min(burst, tokens + ((now - last) / 1000) * perSecond + more);
    last = now;
  }
  return {
    async take(cost, signal) {
      add(0);
      tokens -= cost;
      // Below nothing: taken on credit, so that the next one waits for this one too.
      if (tokens >= 0) return;
      const wait = (-tokens / perSecond) * 1000;
      onWait(wait);
      await clock.sleep(wait, signal);
    },
    giveBack: add,
  };
}
