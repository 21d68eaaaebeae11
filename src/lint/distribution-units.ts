import { z } from 'zod';

const families = z.array(z.enum(['debian', 'redhat'])).min(1);

/** `catalog/distribution-units.yaml`: what the image has besides the plan's own files, as far as lint must know it. */
export const distributionUnitsSchema = z.strictObject({
  sources: z.array(z.string()).min(1),
  /** Units of the distribution that planned units may name. Orderings only as far as they can take part in a cycle. */
  units: z.array(
    z.strictObject({
      name: z.string(),
      /** Absent: every family has it. */
      families: families.optional(),
      /** `no` when the unit says DefaultDependencies=no. */
      defaultDependencies: z.literal('no').optional(),
      after: z.array(z.string()).optional(),
      before: z.array(z.string()).optional(),
      /** Targets that pull it in, when it is enabled by its package. */
      wantedBy: z.array(z.string()).optional(),
    }),
  ),
  /** Programs that are there without the plan, with the package that brings each, by family. */
  programs: z.array(
    z.strictObject({
      path: z.string(),
      packages: z.strictObject({ debian: z.string(), redhat: z.string() }),
      /** Every image has it: the package is required by the system itself. */
      base: z.boolean().optional(),
    }),
  ),
  /** Paths that something on the node makes while it runs: who makes each. */
  runtimePaths: z.array(z.strictObject({ path: z.string(), madeBy: z.string() })),
  /** Units nothing planned may be ordered after, and why. */
  neverAfter: z.array(z.strictObject({ name: z.string(), reason: z.string() })),
});

export type DistributionUnits = z.infer<typeof distributionUnitsSchema>;
