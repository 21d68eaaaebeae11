import type { Clock } from '../../../src/providers/aws/clock.js';

/** Time that passes only where somebody waits, and of which the whole is known; `tick` is what happens meanwhile. */
export function quickClock(tick: (now: number) => void = () => {}): Clock & { waited(): number } {
  let now = 0;
  return {
    now: () => now,
    async sleep(milliseconds, signal) {
      signal.throwIfAborted();
      now += milliseconds;
      tick(now);
    },
    waited: () => now,
  };
}
