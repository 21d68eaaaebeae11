import { namesOf } from '../load-units.js';
import type { LintContext, LintProblem } from '../types.js';
import { type Ordering, orderingOf } from './ordering.js';
import { errorIn } from './problem.js';

/** Ordering cycles: systemd breaks each by leaving out a unit of its choice. */
export function orderingCycles(context: LintContext): LintProblem[] {
  return findCycles(orderingOf(context)).map((cycle) =>
    errorIn('ordering-cycle', cycle[0] ?? '', `ordering cycle: ${[...cycle, cycle[0]].join(' after ')}`),
  );
}

/** Units that must not be waited for, such as the last stage of cloud-init, which itself waits for multi-user.target. */
export function neverAfter({ units, data }: LintContext): LintProblem[] {
  return [...units.units.values()].flatMap((unit) =>
    data.distribution.neverAfter
      .filter(({ name }) => namesOf(unit, 'Unit', 'After').includes(name))
      .map(({ name, reason }) => errorIn('never-after', unit.name, `is ordered after ${name}: ${reason}`)),
  );
}

/** One cycle for each place where a depth-first walk meets a unit it has not left yet. */
function findCycles(ordering: Ordering): string[][] {
  const cycles: string[][] = [];
  const state = new Map<string, 'open' | 'done'>();
  const walk = (unit: string, path: readonly string[]): void => {
    state.set(unit, 'open');
    const here = [...path, unit];
    for (const earlier of [...(ordering.get(unit) ?? [])].sort()) {
      if (state.get(earlier) === 'open') cycles.push(here.slice(here.indexOf(earlier)));
      else if (!state.has(earlier)) walk(earlier, here);
    }
    state.set(unit, 'done');
  };
  for (const unit of [...ordering.keys()].sort()) if (!state.has(unit)) walk(unit, []);
  return cycles;
}
