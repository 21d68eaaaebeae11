import { listImages } from '../../build/image-folder.js';

/** The images below `out` for `bake list images`: as data, and as rows. */
export async function listImageRows(out: string): Promise<[unknown[], string[][]]> {
  const images = await listImages(out);
  const rows = images.map(({ folder, manifest, plan }) => [
    folder,
    plan.spec.os,
    `Kubernetes ${plan.spec.kubernetes}`,
    manifest.engine,
    `${(manifest.disk.size / 2 ** 30).toFixed(1)} GiB`,
    plan.id,
  ]);
  return [images.map(({ folder, manifest }) => ({ folder, ...manifest })), rows];
}
