/**
 * Runs `work` over the items, at most `limit` at a time, and returns the results in the items' order. The first failure
 * ends the rest through the signal and is thrown once they have stopped.
 */
export async function runParallel<T, R>({
  items,
  limit,
  signal,
  work,
}: {
  items: readonly T[];
  limit: number;
  signal: AbortSignal;
  work: (item: T, signal: AbortSignal) => Promise<R>;
}): Promise<R[]> {
  const stop = new AbortController();
  const combined = AbortSignal.any([signal, stop.signal]);
  const results: R[] = [];
  const failures: unknown[] = [];
  let next = 0;
  async function worker(): Promise<void> {
    while (next < items.length && !combined.aborted) {
      const index = next;
      next += 1;
      try {
        results[index] = await work(items[index] as T, combined);
      } catch (error) {
        failures.push(error);
        stop.abort(error);
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  signal.throwIfAborted();
  if (failures.length > 0) throw failures[0];
  return results;
}
