import { z } from 'zod';
import type { TestReport } from '../types.js';

const status = z.enum(['passed', 'failed', 'skipped']);

const problem = z.strictObject({
  subject: z.string().describe('What it is about: a path, a unit, a sysctl key, a port'),
  message: z.string().describe('Expected and found'),
  hint: z.string().exactOptional().describe('The mend, where there is one'),
});

const check = z.strictObject({
  check: z.string().describe('Kebab-case name, stable'),
  title: z.string(),
  status,
  examined: z.number().describe('How many things were looked at'),
  problems: z.array(problem),
  reason: z.string().describe('Why it was skipped; empty otherwise'),
  notes: z
    .array(z.string())
    .exactOptional()
    .describe('What a check that ran could not look at, each with the reason'),
});

const stage = z.strictObject({ name: z.string(), seconds: z.number() });

const cell = z.strictObject({
  cell: z.string().describe('Kebab-case name of the way it was booted'),
  title: z.string(),
  rig: z.enum(['qemu', 'uml']),
  boot: z.union([z.literal(1), z.literal(2)]).describe('2: the same disk booted again'),
  duration: z.number().describe("Seconds on the host's clock"),
  checks: z.array(check),
  account: z
    .strictObject({
      stages: z.array(stage),
      cloudInit: z.array(stage),
      units: z.array(z.strictObject({ name: z.string(), started: z.number(), active: z.number() })),
    })
    .describe("Seconds by the guest's own clocks"),
  consoleTail: z.array(z.string()),
});

/** `report.json`, the same as `TestReport`; the compiler holds the two together. */
export const testReportSchema = z.strictObject({
  schema: z.literal(1),
  image: z.strictObject({
    folder: z.string(),
    planId: z.string().describe('Digest of the plan the image was baked from'),
    name: z.string(),
    os: z.string(),
    kubernetes: z.string(),
    network: z.string(),
    arch: z.string(),
  }),
  at: z.iso.datetime().describe('When the test began'),
  accelerator: z.enum(['kvm', 'tcg', 'uml']),
  disk: z.array(check),
  cells: z.array(cell),
  clones: z.array(check),
  left: z.array(z.strictObject({ cell: z.string(), reason: z.string() })),
  passed: z.int().nonnegative(),
  failed: z.int().nonnegative(),
  skipped: z.int().nonnegative(),
}) satisfies z.ZodType<TestReport>;

/** The JSON Schema (draft 2020-12) of `report.json`, as text; docs/test-report.schema.json holds it. */
export function reportJsonSchema(): string {
  return `${JSON.stringify({ title: 'kiln test report', ...z.toJSONSchema(testReportSchema) }, null, 2)}\n`;
}
