import { type AmiImage, describeAmis, type FinishedImage, listImages } from '../../build/image-folder.js';

/** The images below `out` for `bake list images`: as data, and as rows. */
export async function listImageRows(out: string): Promise<[unknown[], string[][]]> {
  const images = await listImages(out);
  const rows = images.map((image) => [
    image.folder,
    image.plan.spec.os,
    `Kubernetes ${image.plan.spec.kubernetes}`,
    image.manifest.engine,
    whereItLies(image),
    image.plan.id,
  ]);
  return [images.map(asData), rows];
}

function whereItLies(image: FinishedImage | AmiImage): string {
  if ('ami' in image) return describeAmis(image.ami);
  return `${(image.manifest.disk.size / 2 ** 30).toFixed(1)} GiB`;
}

function asData(image: FinishedImage | AmiImage): unknown {
  const { folder, manifest } = image;
  return 'ami' in image ? { folder, ...manifest, amis: image.ami.amis } : { folder, ...manifest };
}
