import { z } from 'zod';
import { readYaml } from '../catalog/read-yaml.js';

const names = z.array(z.string()).min(1);

const sourcesSchema = z.strictObject({
  names,
  /** A file that holds the version, or GitHub's list of the tags that begin so. */
  newest: z.union([z.strictObject({ text: z.string() }), z.strictObject({ tags: z.string() })]),
  checksums: z.string(),
  /** Its version is the lock's `kubernetes`. */
  isKubernetes: z.literal(true).optional(),
  source: z.string(),
});

const imagesSchema = z.strictObject({
  listing: z.url(),
  folder: z.string(),
  checksums: z.string(),
  file: z.string(),
  source: z.string(),
});

/** `catalog/updates.yaml` */
export const updatesSchema = z.strictObject({
  artifacts: z.array(sourcesSchema),
  kept: z.array(z.strictObject({ names, reason: z.string() })),
  images: z.record(z.string(), imagesSchema),
  keyrings: z.record(z.string(), z.string().startsWith('/')),
});

export type Updates = z.infer<typeof updatesSchema>;
export type ArtifactSources = Updates['artifacts'][number];
export type ImageSources = Updates['images'][string];

/** Where newer versions and their digests are asked for. */
export function loadUpdates(): Updates {
  return readYaml('updates.yaml') as Updates;
}
