import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { KilnError } from '../errors.js';
import type { Plan } from '../plan/types.js';
import type { Manifest } from './manifest/make-manifest.js';

/** How much of the image id a folder name carries: enough that two images of one name never meet. */
const ID_LENGTH = 8;

export const MANIFEST = 'manifest.json';
export const DISK = 'disk.raw';
export const SBOM = 'sbom.cdx.json';

/** A finished image: a folder with the disk, its manifest and SBOM, and the plan it was made from. */
export interface FinishedImage {
  folder: string;
  disk: string;
  manifest: Manifest;
  plan: Plan;
}

/** `debian12-1.20.2-routed-amd64-mkosi-3fa9c1d2` */
export function imageFolderName(plan: Plan, engine: string): string {
  const { os, kubernetes, network, arch } = plan.spec;
  const id = plan.id.replace(/^sha256:/, '').slice(0, ID_LENGTH);
  return [os, kubernetes, network, arch, engine, id].join('-');
}

/**
 * Opens a finished image by its folder (or any file in it).
 *
 * @throws KilnError IMAGE_INVALID when it is none.
 */
export async function openImage(image: string): Promise<FinishedImage> {
  const folder = path.resolve((await isFolder(image)) ? image : path.dirname(image));
  const read = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(path.join(folder, name), 'utf8'));
  try {
    const manifest = (await read(MANIFEST)) as Manifest;
    return { folder, disk: path.join(folder, DISK), manifest, plan: (await read('plan.json')) as Plan };
  } catch (error) {
    throw new KilnError('IMAGE_INVALID', `${image} is not an image kiln baked: ${(error as Error).message}`, {
      hint: '`bake list images` shows those baked here.',
    });
  }
}

/** The images below `out`, newest first; unfinished ones have no manifest and are not among them. */
export async function listImages(out: string): Promise<FinishedImage[]> {
  const names = await readdir(out).catch(() => []);
  const folders = await Promise.all(names.map((name) => withTime(path.join(out, name))));
  const finished = folders
    .filter((entry) => entry !== undefined)
    .sort((left, right) => right.time - left.time);
  return Promise.all(finished.map(({ folder }) => openImage(folder)));
}

/** The newest image below `out`. @throws KilnError IMAGE_INVALID when there is none. */
export async function newestImage(out: string): Promise<FinishedImage> {
  const [newest] = await listImages(out);
  if (newest !== undefined) return newest;
  throw new KilnError('IMAGE_INVALID', `There is no finished image in ${out}`, {
    hint: 'Bake one: `bake image --os NAME`.',
  });
}

async function withTime(folder: string): Promise<{ folder: string; time: number } | undefined> {
  const found = await stat(path.join(folder, MANIFEST)).catch(() => undefined);
  return found === undefined ? undefined : { folder, time: found.mtimeMs };
}

async function isFolder(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isDirectory() ?? false;
}
