/** AWS advises five requests of 100 rather than one of 500: smaller ones find room where one large does not. */
export const LARGEST_CALL = 100;
/** Calls more than the fewest possible that an even spread may cost. */
const EXTRA_CALLS = 2;

/** A subnet nodes may go to; `undefined` where a dry run was not told one. */
export interface Place {
  subnet: string | undefined;
  /** Nodes of the same roles that are there already. */
  there: number;
}

/** Nodes that one call launches into one subnet. */
export interface Batch {
  subnet: string | undefined;
  count: number;
}

/** One node a batch, each to the place that has the fewest by then; the first of equals wins. */
export function spreadSingly(count: number, places: readonly Place[]): Batch[] {
  const filling = places.map((place) => ({ ...place }));
  return Array.from({ length: filling.length === 0 ? 0 : count }, () => {
    const place = emptiest(filling);
    place.there += 1;
    return { subnet: place.subnet, count: 1 };
  });
}

/** As even as may be in batches of at most a hundred; somewhat less even where that saves calls. */
export function spreadInBatches(count: number, places: readonly Place[]): Batch[] {
  const shares = sharesOf(count, places);
  const even = shares.flatMap(({ subnet, share }) => cut(share).map((size) => ({ subnet, count: size })));
  const fewest = Math.ceil(count / LARGEST_CALL);
  if (even.length <= fewest + EXTRA_CALLS) return even;
  const filling = places.map((place) => ({ ...place }));
  return cut(count).map((size) => {
    const place = emptiest(filling);
    place.there += size;
    return { subnet: place.subnet, count: size };
  });
}

function sharesOf(count: number, places: readonly Place[]): { subnet: string | undefined; share: number }[] {
  const singly = spreadSingly(count, places);
  return places.map(({ subnet }) => ({
    subnet,
    share: singly.filter((batch) => batch.subnet === subnet).length,
  }));
}

/** 250 → 84, 83, 83: no small rest, which would be one more call for a few nodes. */
function cut(count: number): number[] {
  const parts = Math.ceil(count / LARGEST_CALL);
  return Array.from(
    { length: parts },
    (_, index) => Math.floor(count / parts) + (index < count % parts ? 1 : 0),
  );
}

function emptiest<T extends Place>(places: readonly T[]): T {
  return places.reduce((least, place) => (place.there < least.there ? place : least));
}
