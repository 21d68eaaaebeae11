import { access, constants } from 'node:fs/promises';
import { type FinishedImage, newestImage, openImage } from '../build/image-folder.js';
import { KilnError } from '../errors.js';
import { isSameImage } from './is-same-image.js';
import type { Cluster, ClusterImage } from './types.js';

/** Node's names of processors → the image's. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
/** Baking again does not help: the same inputs can make other bytes. */
const BRING_BACK =
  'Their disks hold only what differs from it: bring back that very folder. New nodes can take another one with --image.';

interface ImageChoice {
  cluster: Cluster | undefined;
  /** The folder asked for. */
  image: string | undefined;
  /** Where images are. */
  out: string;
}

/**
 * The image new nodes boot: the one asked for, else the cluster's own, else the newest below `out`.
 *
 * @throws KilnError IMAGE_INVALID when it is gone, unreadable or not what it was; LAUNCH_REFUSED for another processor's.
 */
export async function chooseImage({ cluster, image, out }: ImageChoice): Promise<FinishedImage> {
  const chosen = await open({ cluster, image, out });
  const { arch } = chosen.plan.spec;
  if (arch !== ARCHITECTURES[process.arch]) {
    throw new KilnError('LAUNCH_REFUSED', `${chosen.folder} is an image for ${arch}; this machine is not`, {
      hint: 'Name another with --image; `bake list images` shows those baked here.',
    });
  }
  await access(chosen.disk, constants.R_OK).catch((error: Error) => {
    throw new KilnError('IMAGE_INVALID', `Cannot read ${chosen.disk}: ${error.message}`);
  });
  return chosen;
}

/** The image of nodes that are there already: their disks hold only what differs from it. @throws KilnError IMAGE_INVALID. */
export async function openClusterImage(launched: ClusterImage): Promise<FinishedImage> {
  const { folder } = launched;
  const image = await openImage(folder).catch((error: Error) => {
    throw new KilnError('IMAGE_INVALID', error.message, { hint: BRING_BACK });
  });
  if (isSameImage(clusterImage(image), launched)) return image;
  throw new KilnError('IMAGE_INVALID', `${folder} is no longer the image its nodes were launched from`, {
    hint: BRING_BACK,
  });
}

/** What a cluster remembers of an image. */
export function clusterImage({ folder, manifest }: FinishedImage): ClusterImage {
  return { folder, id: manifest.imageId, disk: manifest.disk.sha256 };
}

async function open({ cluster, image, out }: ImageChoice): Promise<FinishedImage> {
  if (image !== undefined) return await openImage(image);
  return cluster === undefined ? await newestImage(out) : await openClusterImage(cluster.image);
}
