import { z } from 'zod';

const digest = z
  .string()
  .regex(/^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/, 'expected sha256:<64 hex> or sha512:<128 hex>');

export const lockedArtifactSchema = z.strictObject({
  name: z.string(),
  version: z.string(),
  arch: z.enum(['amd64', 'arm64']),
  kind: z.enum(['file', 'tar', 'oci']),
  url: z.url(),
  digest,
  source: z.string(),
});

export const baseImageSchema = z.strictObject({
  kind: z.enum(['disk', 'archive']),
  url: z.url(),
  digest: digest.optional(),
  suite: z.string().optional(),
  source: z.string(),
});

/** `kiln.lock.yaml`: every artifact of one bake, with URL, digest and where the digest was read. */
export const lockSchema = z.strictObject({
  version: z.literal(1),
  /** `upstream`: the projects' own release files; `debian`: built from the Debian archive. */
  source: z.enum(['upstream', 'debian']),
  kubernetes: z.string(),
  artifacts: z.array(lockedArtifactSchema),
  /** Absent: the catalog's own base for the OS. */
  base: baseImageSchema.optional(),
});

export type Lock = z.infer<typeof lockSchema>;
