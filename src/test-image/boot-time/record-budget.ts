import type { BootBudget } from '../../catalog/boot-budgets.js';
import type { TestReport } from '../types.js';
import { bootRatios } from './boot-ratios.js';

/**
 * Budgets from the first boots in some reports of `bake test`: for each OS, cell and accelerator the medians of every
 * ratio. A name that not every boot measured is left out.
 */
export function recordBudget(
  reports: readonly TestReport[],
  { baseline, allowance, slack }: Pick<BootBudget, 'baseline' | 'allowance' | 'slack'>,
): BootBudget[] {
  const groups = new Map<string, { key: Pick<BootBudget, 'os' | 'cell' | 'accelerator'>; boots: Ratios[] }>();
  for (const { image, accelerator, cells } of reports) {
    for (const { cell, account } of cells.filter(({ boot }) => boot === 1)) {
      const boot = bootRatios(account, baseline);
      if (boot === undefined) continue;
      const name = [image.os, cell, accelerator].join(' ');
      const group = groups.get(name) ?? { key: { os: image.os, cell, accelerator }, boots: [] };
      group.boots.push(boot.ratios);
      groups.set(name, group);
    }
  }
  return [...groups]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, { key, boots }]) => ({
      ...key,
      boots: boots.length,
      baseline,
      allowance,
      slack,
      ratios: medians(boots),
    }));
}

type Ratios = Record<string, number>;

function medians(boots: readonly Ratios[]): Ratios {
  const names = Object.keys(boots[0] ?? {}).filter((name) => boots.every((boot) => name in boot));
  return Object.fromEntries(names.map((name) => [name, median(boots.map((boot) => boot[name] ?? 0))]));
}

/** Rounded to what is worth reading. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length / 2;
  const [low = 0, high = 0] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return Number(((low + high) / 2).toPrecision(3));
}
