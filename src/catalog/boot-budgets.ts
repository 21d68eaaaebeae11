import { z } from 'zod';
import { readYaml } from './read-yaml.js';

const ratio = z.number().positive();

/** `catalog/boot-budgets.yaml`: how long each stage of a boot may take, as a multiple of the boot's own baseline. */
export const bootBudgetsSchema = z.strictObject({
  /** How each number came about: engine, machine, how many boots. */
  source: z.string(),
  budgets: z.array(
    z.strictObject({
      os: z.string(),
      /** Name of the boot cell: a role's own name, `no-marker`, … */
      cell: z.string(),
      accelerator: z.enum(['kvm', 'tcg', 'uml']),
      /** How many boots the ratios are the medians of. */
      boots: z.int().min(1),
      /** Stages whose seconds together are the unit of the ratios. */
      baseline: z.array(z.enum(['kernel', 'initrd', 'userspace'])).min(1),
      /** What a stage may exceed its ratio by before the check fails; 0.5 is by half. */
      allowance: z.number().positive(),
      /** Growth below this many baselines is noise, whatever share of a short stage it is. */
      slack: z.number().nonnegative(),
      ratios: z.record(z.string().regex(/^((cloud-init|unit)\/)?[\w@.-]+$/), ratio),
    }),
  ),
});

export type BootBudgets = z.infer<typeof bootBudgetsSchema>;
export type BootBudget = BootBudgets['budgets'][number];

/** Every recorded budget. */
export function loadBootBudgets(): BootBudget[] {
  return (readYaml('boot-budgets.yaml') as BootBudgets).budgets;
}
