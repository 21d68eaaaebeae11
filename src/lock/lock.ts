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

/** The Amazon machine image a bake starts from: nothing but this id, and only of this owner. */
export const amiBaseSchema = z.strictObject({
  kind: z.literal('ami'),
  /** Account the distribution publishes from. */
  owner: z.string().regex(/^\d{12}$/, 'expected an account of twelve digits'),
  name: z.string().min(1),
  /** An AMI id is of one region. */
  region: z.string().min(1),
  id: z.string().regex(/^ami-[0-9a-f]{8,17}$/, 'expected ami-…'),
  source: z.string(),
});

/** One part of a distribution's package archive. */
export const archivePartSchema = z.strictObject({
  url: z.url(),
  suites: z.array(z.string()).min(1),
  components: z.array(z.string()).min(1),
});

/** A distribution's signed package archive, in one state. */
export const archiveBaseSchema = z.strictObject({
  kind: z.literal('archive'),
  url: z.url(),
  /** Over the signed digests of the package indexes that are read: changes exactly when packages do. */
  digest: digest.optional(),
  /** Day and time of the newest of its signatures when it was in this state. */
  date: z.iso.datetime().optional(),
  suite: z.string().optional(),
  /** Parts to use instead of all the distribution has: without its updates, or at another place. */
  archives: z.array(archivePartSchema).min(1).optional(),
  source: z.string(),
});

export const baseImageSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('disk'),
    url: z.url(),
    digest: digest.optional(),
    suite: z.string().optional(),
    source: z.string(),
  }),
  archiveBaseSchema,
  amiBaseSchema,
]);

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
export type ArchivePart = z.infer<typeof archivePartSchema>;
