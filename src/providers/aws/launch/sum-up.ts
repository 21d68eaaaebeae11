/** How often each of these comes. */
export function sumUp<T>(things: readonly T[]): Map<T, number> {
  const sums = new Map<T, number>();
  for (const thing of things) sums.set(thing, (sums.get(thing) ?? 0) + 1);
  return sums;
}
