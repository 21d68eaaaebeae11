import type { BootAccount } from '../types.js';

/** Everything a budget can hold, by name, as a multiple of the baseline; `undefined` when the baseline was not measured. */
export interface BootRatios {
  /** Seconds of the baseline: what one is, on this machine at this moment. */
  unit: number;
  ratios: Record<string, number>;
}

/**
 * One boot without seconds: each stage (`initrd`, `userspace`), stage of cloud-init (`cloud-init/init`) and unit's time to
 * active (`unit/containerd.service`) divided by the baseline stages together, which the same machine went through in
 * the same boot. Stages that are the baseline by themselves are left out.
 */
export function bootRatios(account: BootAccount, baseline: readonly string[]): BootRatios | undefined {
  const parts = baseline.map((name) => account.stages.find((stage) => stage.name === name)?.seconds);
  const unit = parts.reduce<number>((sum, part) => sum + (part ?? Number.NaN), 0);
  if (!(unit > 0)) return undefined;
  const stages = account.stages.filter(({ name }) => !(baseline.length === 1 && baseline[0] === name));
  const seconds = [
    ...stages.map(({ name, seconds }) => [name, seconds] as const),
    ...account.cloudInit.map(({ name, seconds }) => [`cloud-init/${name}`, seconds] as const),
    ...account.units.map(({ name, active }) => [`unit/${name}`, active] as const),
  ];
  return { unit, ratios: Object.fromEntries(seconds.map(([name, value]) => [name, value / unit])) };
}
