import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Arch } from '../../plan/types.js';
import { digestBytes, digestFile } from '../digest.js';
import { packArtifact } from './pack-artifact.js';

/** Image configurations carry a date; a fixed one keeps the digest the same. */
const CREATED = '1980-01-01T00:00:00Z';

/**
 * Writes a one-layer OCI image as a registry would serve it, below `<folder>/v2/<repository>/`, and returns the digest of
 * its manifest. The layer is not compressed: its digest is then its content's (`diff_id`) too.
 */
export async function packImage({
  files,
  entrypoint,
  repository,
  arch,
  folder,
  signal,
}: {
  /** Path in the image, without a leading slash → file. */
  files: ReadonlyMap<string, string>;
  entrypoint: readonly string[];
  repository: string;
  arch: Arch;
  folder: string;
  signal: AbortSignal;
}): Promise<string> {
  const root = path.join(folder, 'v2', repository);
  const unnamed = path.join(root, 'blobs', 'layer');
  await packArtifact({ kind: 'tar', gzip: false, members: files, to: unnamed, signal });
  const layer = await digestFile(unnamed);
  const { size } = await stat(unnamed);
  await rename(unnamed, path.join(root, 'blobs', layer));
  const config = JSON.stringify({
    architecture: arch,
    config: {
      Entrypoint: entrypoint,
      Env: [`PATH=${path.posix.dirname(entrypoint[0] ?? '/')}`],
      User: '65535:65535',
    },
    created: CREATED,
    history: [{ created: CREATED, created_by: 'kiln' }],
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [layer] },
  });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: describe('application/vnd.oci.image.config.v1+json', config),
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: layer, size }],
  });
  await writeFile(path.join(root, 'blobs', digestBytes(config)), config);
  await mkdir(path.join(root, 'manifests'), { recursive: true });
  await writeFile(path.join(root, 'manifests', digestBytes(manifest)), manifest);
  return digestBytes(manifest);
}

function describe(mediaType: string, content: string): { mediaType: string; digest: string; size: number } {
  return { mediaType, digest: digestBytes(content), size: Buffer.byteLength(content) };
}
