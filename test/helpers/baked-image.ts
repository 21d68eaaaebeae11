import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { defaultDebianMirror } from '../../src/artifacts/debian/default-debian-mirror.js';
import type { Manifest } from '../../src/build/manifest/make-manifest.js';
import type { Plan } from '../../src/plan/types.js';
import { repositoryPath } from '../../src/repository.js';
import { bake } from './bake.js';

/** Where the slow tests' images are: one that is there with the same id is not built again, so files share them. */
export const TEST_IMAGES = repositoryPath('out', 'test');
export const MIRROR = defaultDebianMirror('amd64');

export interface BakedImage {
  folder: string;
  disk: string;
  unchanged: boolean;
  manifest: Manifest;
  plan: Plan;
  stderr: string;
}

/** Bakes from the Debian mirror (made first where it is missing) with the real command, and reads what came out. */
export async function bakeFromDebian(
  t: ExecutionContext,
  args: readonly string[],
  { out = TEST_IMAGES }: { out?: string } = {},
): Promise<BakedImage> {
  await ensureMirror(t);
  const result = await bake([
    'image',
    '--network',
    'routed',
    '--mirror',
    MIRROR,
    '--out',
    out,
    '--json',
    ...args,
  ]);
  if (result.exitCode !== 0) throw new Error(result.stderr);
  const { folder, unchanged } = JSON.parse(result.stdout) as { folder: string; unchanged: boolean };
  const read = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(path.join(folder, name), 'utf8'));
  return {
    folder,
    unchanged,
    disk: path.join(folder, 'disk.raw'),
    manifest: (await read('manifest.json')) as Manifest,
    plan: (await read('plan.json')) as Plan,
    stderr: result.stderr,
  };
}

/** A plain Debian 12 disk from the archive for Packer to start from; made once. */
export async function debianBase(t: ExecutionContext): Promise<string> {
  t.timeout(3_600_000);
  const base = path.join(TEST_IMAGES, 'base-debian12.qcow2');
  if (existsSync(base)) return base;
  const made = await bake(['base', '--os', 'debian12', '--out', base]);
  if (made.exitCode !== 0) throw new Error(made.stderr);
  return base;
}

/** A folder for the length of a test, on the file system of the images: /tmp may be in memory. */
export async function folderBesideImages(t: ExecutionContext): Promise<string> {
  await mkdir(TEST_IMAGES, { recursive: true });
  const folder = await mkdtemp(path.join(TEST_IMAGES, 'kiln-slow-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Makes the mirror of artifacts from the Debian archive where it is missing. */
export async function ensureMirror(t: ExecutionContext): Promise<void> {
  t.timeout(3_600_000);
  const result = await bake(['fetch', '--source', 'debian', '--to', MIRROR]);
  if (result.exitCode !== 0) throw new Error(result.stderr);
}
