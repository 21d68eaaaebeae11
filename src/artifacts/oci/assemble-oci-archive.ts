import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { imageReference } from '../../lock/image-reference.js';
import type { LockedArtifact } from '../../plan/types.js';
import { cacheFolder, checkState, moveIntoCache } from '../cache.js';
import { digestBytes } from '../digest.js';
import { fileProblem } from '../file-problem.js';
import { temporaryName } from '../write-file-atomically.js';
import { type TarEntry, writeTar } from '../write-tar.js';
import type { FetchedImage, ImageFile } from './fetch-image.js';

/** Part of the cache key: raise it when the archive's form changes. */
const FORM = 1;

/**
 * One image as an OCI archive, named so that `ctr images import` gives it the name the kubelet will ask for. Same image,
 * same bytes. Returns its path in the cache.
 *
 * @throws KilnError DISK_FULL, OUT_DIR_UNWRITABLE
 */
export async function assembleOciArchive({
  artifact,
  image,
}: {
  artifact: LockedArtifact;
  image: FetchedImage;
}): Promise<string> {
  const reference = imageReference(artifact);
  const key = digestBytes(JSON.stringify([FORM, reference, image.manifest.digest])).replace('sha256:', '');
  const folder = cacheFolder('images');
  const finished = path.join(folder, `${key}.tar`);
  if ((await checkState(finished)) === 'unchanged') return finished;
  const temporary = temporaryName(finished);
  try {
    await mkdir(folder, { recursive: true });
    await writeTar({ entries: archiveEntries(artifact, reference, image), to: temporary });
    await moveIntoCache(temporary, finished);
  } catch (error) {
    await rm(temporary, { force: true });
    throw fileProblem(error, folder);
  }
  return finished;
}

function archiveEntries(artifact: LockedArtifact, reference: string, image: FetchedImage): TarEntry[] {
  const { digest, mediaType, size } = image.manifest;
  const index = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      {
        mediaType,
        digest,
        size,
        platform: { architecture: artifact.arch, os: 'linux' },
        annotations: {
          // The first is containerd's own full name; the second is the tag, by the OCI layout's rules.
          'io.containerd.image.name': reference,
          'org.opencontainers.image.ref.name': artifact.version,
        },
      },
    ],
  };
  const blobs = new Map<string, ImageFile>();
  for (const blob of [image.manifest, image.config, ...image.layers]) blobs.set(blob.digest, blob);
  return [
    { path: 'oci-layout', mode: 0o644, content: JSON.stringify({ imageLayoutVersion: '1.0.0' }) },
    { path: 'index.json', mode: 0o644, content: JSON.stringify(index) },
    ...[...blobs.values()].map((blob) => ({
      path: `blobs/${blob.digest.replace(':', '/')}`,
      mode: 0o644,
      file: blob.path,
    })),
  ];
}
