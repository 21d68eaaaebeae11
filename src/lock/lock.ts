import { z } from 'zod';
import { isRegion } from '../providers/aws/region.js';

const digest = z
  .string()
  .regex(/^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/, 'expected sha256:<64 hex> or sha512:<128 hex>');

/** Words that name folders and stand in other programs' configuration: nothing that means more than itself there. */
const kubernetesVersion = z
  .string()
  .regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?$/, 'expected a version like 1.36.4');
const artifactName = z
  .string()
  .regex(/^[a-z0-9]+([-/][a-z0-9]+)*$/, 'expected small letters, digits, "-" and "/"');
const artifactVersion = z
  .string()
  .regex(/^v?\d+(\.\d+)*([-+~][0-9A-Za-z.+~-]+)?$/, 'expected a version like 1.3.6 or v1.14.2');
const suite = z
  .string()
  .regex(/^[A-Za-z0-9][\w.+~-]*(\/[A-Za-z0-9][\w.+~-]*)*$/, 'expected a suite like bookworm');

/** One downloadable input, its digest known before the download. */
export const lockedArtifactSchema = z.strictObject({
  /** Component name from `catalog/components.yaml`, or an image name such as `image/pause`. */
  name: artifactName,
  version: artifactVersion,
  arch: z.enum(['amd64', 'arm64']),
  /** `file`: one binary; `tar`: a (compressed) tar archive; `oci`: an image in a registry, by manifest digest. */
  kind: z.enum(['file', 'tar', 'oci']),
  url: z.url(),
  /** Of the bytes at `url` (of the manifest, for `oci`). */
  digest,
  /** Where the digest was read. */
  source: z.string(),
});

/** A cloud image at `url`. */
export const diskBaseSchema = z.strictObject({
  kind: z.literal('disk'),
  url: z.url(),
  digest: digest.optional(),
  suite: z.string().optional(),
  source: z.string(),
});

/** The Amazon machine image a bake starts from: nothing but this id, and only of this owner. */
export const amiBaseSchema = z.strictObject({
  kind: z.literal('ami'),
  /** Account the distribution publishes from. */
  owner: z.string().regex(/^\d{12}$/, 'expected an account of twelve digits'),
  /** The letters that AWS takes, but for the single quote. */
  name: z.string().regex(/^[\w()[\] ./@-]{1,128}$/, 'expected the name of an AMI, without quotes'),
  /** An AMI id is of one region. */
  region: z.string().refine(isRegion, 'expected a region like eu-central-1'),
  id: z.string().regex(/^ami-[0-9a-f]{8,17}$/, 'expected ami-…'),
  source: z.string(),
});

/** One part of a distribution's package archive. */
export const archivePartSchema = z.strictObject({
  url: z.url(),
  suites: z.array(suite).min(1),
  components: z.array(suite).min(1),
  /** A copy that somebody stopped renewing on purpose: taken although its signed indexes have expired. */
  ignoreValidUntil: z.literal(true).optional(),
});

/** A distribution's signed package archive, in one state. */
export const archiveBaseSchema = z.strictObject({
  kind: z.literal('archive'),
  url: z.url(),
  /** Over the signed digests of the package indexes that are read: changes exactly when packages do. */
  digest: digest.optional(),
  /** Day and time of the newest of its signatures when it was in this state. */
  date: z.iso.datetime().optional(),
  /** The same of each suite: what is older than this is not newer. */
  dates: z.record(z.string(), z.iso.datetime()).optional(),
  suite: suite.optional(),
  /** Parts to use instead of all the distribution has: without its updates, or at another place. */
  archives: z.array(archivePartSchema).min(1).optional(),
  source: z.string(),
});

/** The disk, archive or Amazon machine image an image starts from. */
export const baseImageSchema = z.discriminatedUnion('kind', [
  diskBaseSchema,
  archiveBaseSchema,
  amiBaseSchema,
]);

/** `kiln.lock.yaml`: every artifact of one bake, with URL, digest and where the digest was read. */
export const lockSchema = z.strictObject({
  version: z.literal(1),
  /** `upstream`: the projects' own release files; `debian`: built from the Debian archive. */
  source: z.enum(['upstream', 'debian']),
  kubernetes: kubernetesVersion,
  artifacts: z.array(lockedArtifactSchema),
  /** Absent: the catalog's own base for the OS. */
  base: baseImageSchema.optional(),
});

export type Lock = z.infer<typeof lockSchema>;
export type ArchivePart = z.infer<typeof archivePartSchema>;
