import { existsSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { KilnError } from '../errors.js';
import { formatLock } from '../lock/format-lock.js';
import { LOCK_FILE } from '../lock/lock-file.js';
import type { AmiBase, Plan } from '../plan/types.js';
import type { Manifest } from './manifest/make-manifest.js';

/** How much of the image id a folder name carries: enough that two images of one name never meet. */
const ID_LENGTH = 8;

export const MANIFEST = 'manifest.json';
export const DISK = 'disk.raw';
const PLAN = 'plan.json';
export const SBOM = 'sbom.cdx.json';
/** An image that lies with AWS has this instead of a disk. */
export const AMI = 'ami.json';

/** A finished image: a folder with the disk, its manifest and SBOM, and the plan it was made from. */
export interface FinishedImage {
  folder: string;
  disk: string;
  manifest: Manifest;
  plan: Plan;
}

/** `ami.json`: which AMI the image is, by region. */
export interface AmiFile {
  version: 1;
  amis: Record<string, string>;
  base: AmiBase;
}

/** What an AMI's manifest says; its files were never read from outside, so it lists none. */
export type AmiManifest = Pick<Manifest, 'version' | 'imageId' | 'plan' | 'engine' | 'tools' | 'lock'> & {
  /** As the builder itself listed them; absent when the AMI was found, not baked, here. */
  packages?: Manifest['packages'];
};

/** A finished image that lies with AWS: a folder that says which AMI it is, and what it was made from. */
export interface AmiImage {
  folder: string;
  ami: AmiFile;
  manifest: AmiManifest;
  plan: Plan;
}

/** `debian12-1.20.2-routed-amd64-mkosi-3fa9c1d2`; an AMI's has `aws` for the engine. */
export function imageFolderName(plan: Plan, engine: string): string {
  const { os, kubernetes, network, arch } = plan.spec;
  const id = plan.id.replace(/^sha256:/, '').slice(0, ID_LENGTH);
  return [os, kubernetes, network, arch, engine, id].join('-');
}

/**
 * Opens a finished disk image by its folder (or any file in it).
 *
 * @throws KilnError IMAGE_INVALID when it is none.
 */
export async function openImage(image: string): Promise<FinishedImage> {
  const opened = await open(image);
  if ('disk' in opened) return opened;
  throw new KilnError('IMAGE_INVALID', `${image} is ${describeAmis(opened.ami)}: there is no disk here`, {
    hint: 'It runs on AWS: `launch --image FOLDER --provider aws`.',
  });
}

/**
 * Opens an image that lies with AWS by its folder (or any file in it).
 *
 * @throws KilnError IMAGE_INVALID when it is none.
 */
export async function openAmi(image: string): Promise<AmiImage> {
  const opened = await open(image);
  if ('ami' in opened) return opened;
  throw new KilnError('IMAGE_INVALID', `${image} is a disk, not an Amazon machine image`, {
    hint: 'Bake one: `bake image --os NAME --target aws`.',
  });
}

/** The images below `out`, of both kinds, newest first; unfinished ones have no manifest and are not among them. */
export async function listImages(out: string): Promise<(FinishedImage | AmiImage)[]> {
  const names = await readdir(out).catch(() => []);
  const folders = await Promise.all(names.map((name) => withTime(path.join(out, name))));
  const finished = folders
    .filter((entry) => entry !== undefined)
    .sort((left, right) => right.time - left.time);
  return Promise.all(finished.map(({ folder }) => open(folder)));
}

/** Writes what an AMI's folder holds, the manifest last: without it the folder is no image. */
export async function writeAmiFolder({ folder, ami, manifest, plan }: AmiImage): Promise<void> {
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  await writeFile(path.join(folder, PLAN), json(plan));
  await writeFile(path.join(folder, LOCK_FILE), formatLock(manifest.lock));
  await writeFile(path.join(folder, AMI), json(ami));
  await writeFile(path.join(folder, MANIFEST), json(manifest));
}

/** `ami-0abc… in eu-central-1` */
export function describeAmis({ amis }: AmiFile): string {
  return Object.entries(amis)
    .map(([region, id]) => `${id} in ${region}`)
    .join(', ');
}

async function open(image: string): Promise<FinishedImage | AmiImage> {
  const folder = path.resolve((await isFolder(image)) ? image : path.dirname(image));
  const read = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(path.join(folder, name), 'utf8'));
  try {
    const plan = (await read(PLAN)) as Plan;
    const manifest = await read(MANIFEST);
    if (existsSync(path.join(folder, AMI)))
      return { folder, ami: (await read(AMI)) as AmiFile, manifest: manifest as AmiManifest, plan };
    return { folder, disk: path.join(folder, DISK), manifest: manifest as Manifest, plan };
  } catch (error) {
    throw new KilnError('IMAGE_INVALID', `${image} is not an image kiln baked: ${(error as Error).message}`, {
      hint: '`bake list images` shows those baked here.',
    });
  }
}

/** The newest disk image below `out`. @throws KilnError IMAGE_INVALID when there is none. */
export async function newestImage(out: string): Promise<FinishedImage> {
  const newest = (await listImages(out)).find((image) => 'disk' in image);
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
