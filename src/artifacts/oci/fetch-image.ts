import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { KilnError } from '../../errors.js';
import type { LockedArtifact } from '../../plan/types.js';
import { type FetchSession, fetchBlob } from '../fetch-blob.js';

const descriptor = z.looseObject({
  mediaType: z.string(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.int().nonnegative(),
});
const manifestSchema = z.looseObject({ config: descriptor, layers: z.array(descriptor) });
const indexSchema = z.looseObject({
  manifests: z.array(
    descriptor.extend({ platform: z.looseObject({ os: z.string(), architecture: z.string() }).optional() }),
  ),
});

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  MANIFEST,
  'application/vnd.docker.distribution.manifest.v2+json',
];

export interface ImageFile {
  url: string;
  digest: string;
  path: string;
}

/** One architecture's image, every blob cached; `files` also holds the index it was chosen from. */
export interface FetchedImage {
  manifest: ImageFile & { mediaType: string; size: number };
  config: ImageFile;
  layers: ImageFile[];
  files: ImageFile[];
}

/**
 * Fetches an image by the digest of its manifest or index: index → this architecture's manifest → configuration and
 * layers, each checked against the digest its parent gives. `undefined` in a dry run that cannot look further down.
 *
 * @throws KilnError ARCHIVE_MEMBER_MISSING when the index has no manifest for the architecture; as `fetchBlob` else
 */
export async function fetchImage(
  artifact: LockedArtifact,
  session: FetchSession,
  signal: AbortSignal,
): Promise<FetchedImage | undefined> {
  const files: ImageFile[] = [];
  async function get(kind: 'manifests' | 'blobs', digest: string): Promise<ImageFile | undefined> {
    const url = artifact.url.replace(/\/manifests\/[^/]+$/, `/${kind}/${digest}`);
    const headers = kind === 'manifests' ? { accept: MANIFEST_TYPES.join(', ') } : {};
    const path = await fetchBlob({ name: artifact.name, url, digest, headers }, session, signal);
    if (path === undefined) return undefined;
    const file = { url, digest, path };
    files.push(file);
    return file;
  }

  const top = await get('manifests', artifact.digest);
  if (top === undefined) return undefined;
  const index = indexSchema.safeParse(await readJson(top.path));
  const chosen = index.success ? await get('manifests', chooseManifest(index.data, artifact)) : top;
  if (chosen === undefined) return undefined;
  const text = await readFile(chosen.path, 'utf8');
  const manifest = manifestSchema.parse(JSON.parse(text));
  const config = await get('blobs', manifest.config.digest);
  const layers: ImageFile[] = [];
  for (const layer of manifest.layers) {
    const file = await get('blobs', layer.digest);
    if (file !== undefined) layers.push(file);
  }
  if (config === undefined || layers.length < manifest.layers.length) return undefined;
  const mediaType = typeof manifest.mediaType === 'string' ? manifest.mediaType : MANIFEST;
  return {
    manifest: { ...chosen, mediaType, size: Buffer.byteLength(text) },
    config,
    layers,
    files: uniqueByDigest(files),
  };
}

function chooseManifest({ manifests }: z.infer<typeof indexSchema>, artifact: LockedArtifact): string {
  const found = manifests.find(
    ({ platform }) => platform?.os === 'linux' && platform.architecture === artifact.arch,
  );
  if (found !== undefined) return found.digest;
  const platforms = manifests.flatMap(({ platform }) =>
    platform === undefined ? [] : `${platform.os}/${platform.architecture}`,
  );
  throw new KilnError(
    'ARCHIVE_MEMBER_MISSING',
    `The image ${artifact.name} ${artifact.version} has nothing for linux/${artifact.arch}; it has ${platforms.join(', ')}`,
  );
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'));
}

/** A layer may come twice (an empty one often does). */
function uniqueByDigest(files: ImageFile[]): ImageFile[] {
  return [...new Map(files.map((file) => [file.digest, file])).values()];
}
