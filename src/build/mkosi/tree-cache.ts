import { createHash } from 'node:crypto';
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder } from '../../artifacts/cache.js';
import { digestOf } from '../../plan/canonical-json.js';
import type { RenderedFile } from '../../render/render-template.js';
import type { Archive } from './mkosi-facts.js';

const KEY_LENGTH = 16;
/** Time one index of the archive may take to answer, in milliseconds. */
const PATIENCE = 20_000;
/** Settings of `mkosi.conf` that decide what an installed tree holds; all others act after it. */
const TREE_SETTINGS = /^(Distribution|Release|Architecture|WithDocs|WithRecommends)=|^ {4}/;

/** An empty file, the last thing put into a tree's folder: with it, a bake needs nothing from the network. */
const COMPLETE = 'complete';

/** Where the installed packages of a plan are kept, and how that was decided. */
export interface Tree {
  folder: string;
  /** All packages are installed in it already. */
  complete: boolean;
  /** False when the archive was not asked, or did not answer. */
  archiveAnswered: boolean;
}

/**
 * The folder that keeps the tree of installed packages between bakes: one for each set of packages and state of the
 * archive, so that a security update makes a new one and nothing else does. Where the archive is not asked (no `archives`) or does
 * not answer, the newest complete tree of the same packages serves.
 */
export async function treeFolder({
  name,
  toolbox,
  config,
  archives,
  signal,
}: {
  /** What the folder is for, to a person looking at the cache. */
  name: string;
  /** Digest of the toolbox: another mkosi may make another tree. */
  toolbox: string;
  config: readonly RenderedFile[];
  archives: readonly Archive[];
  signal: AbortSignal;
}): Promise<Tree> {
  const family = cacheFolder('mkosi', 'trees', `${name}-${packagesKey(config, toolbox)}`);
  const state = archives.length === 0 ? undefined : await archiveState(archives, signal);
  if (state === undefined) {
    const newest = await newestComplete(family);
    return {
      folder: newest ?? path.join(family, 'unknown'),
      complete: newest !== undefined,
      archiveAnswered: false,
    };
  }
  const folder = path.join(family, state);
  return { folder, complete: await isComplete(folder), archiveAnswered: true };
}

/**
 * Says that all packages of a tree are installed, after its first bake, and removes what is no longer needed: the trees
 * of earlier archive states (some 500 MB each).
 */
export async function completeTree({ folder, complete }: Tree): Promise<void> {
  if (complete) return;
  await writeFile(path.join(folder, COMPLETE), '');
  await removeAll(path.dirname(folder), (name) => name !== path.basename(folder));
}

async function removeAll(folder: string, unwanted: (name: string) => boolean): Promise<void> {
  for (const name of (await readdir(folder)).filter(unwanted)) {
    await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

function packagesKey(config: readonly RenderedFile[], toolbox: string): string {
  const main = config.find((file) => file.path === 'mkosi.conf')?.content ?? '';
  const settings = main.split('\n').filter((line) => TREE_SETTINGS.test(line));
  const sources = config
    .filter((file) => file.path.startsWith('mkosi.sandbox/'))
    .map(({ content }) => content);
  return shorten(digestOf({ settings, sources, toolbox }));
}

/** Changes with every change of the archive: its signed indexes' digest. `undefined` when one of them cannot be had. */
async function archiveState(archives: readonly Archive[], signal: AbortSignal): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for (const { url, suites } of archives) {
      for (const suite of suites) {
        const index = `${url.replace(/\/$/, '')}/dists/${suite}/InRelease`;
        const response = await fetch(index, {
          signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
        });
        if (!response.ok) return undefined;
        hash.update(await response.text());
      }
    }
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
  return shorten(`sha256:${hash.digest('hex')}`);
}

async function newestComplete(family: string): Promise<string | undefined> {
  const folders = (await readdir(family).catch(() => [])).map((name) => path.join(family, name));
  const known = await Promise.all(
    folders.map(async (folder) => ({
      folder,
      complete: await isComplete(folder),
      time: (await stat(folder)).mtimeMs,
    })),
  );
  const complete = known.filter((entry) => entry.complete);
  return complete.sort((left, right) => right.time - left.time)[0]?.folder;
}

async function isComplete(folder: string): Promise<boolean> {
  return (await stat(path.join(folder, COMPLETE)).catch(() => undefined)) !== undefined;
}

function shorten(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, KEY_LENGTH);
}
