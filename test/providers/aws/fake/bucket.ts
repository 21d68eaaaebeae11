export interface Bucket {
  take(): boolean;
}

/** Tokens that come back with time, as AWS throttles its calls. */
export function createBucket({ size, perSecond }: { size: number; perSecond: number }): Bucket {
  let left = size;
  let last = Date.now();
  return {
    take() {
      const now = Date.now();
      left = Math.min(size, left + ((now - last) / 1000) * perSecond);
      last = now;
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}
