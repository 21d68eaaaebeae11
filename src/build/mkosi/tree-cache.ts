import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
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

/**
 * The folder that keeps the tree of installed packages between bakes: one for each set of packages and state of the
 * archive, so that a security update makes a new one and nothing else does. Where the archive does not answer, the newest
 * tree of the same packages serves.
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
}): Promise<{ folder: string; archiveAnswered: boolean }> {
  const family = cacheFolder('mkosi', 'trees', `${name}-${packagesKey(config, toolbox)}`);
  const state = await archiveState(archives, signal);
  const newest = state === undefined ? await newestFolder(family) : undefined;
  return { folder: newest ?? path.join(family, state ?? 'unknown'), archiveAnswered: state !== undefined };
}

/** Removes the trees of earlier archive states: a tree is some 700 MB and will not be asked for again. */
export async function removeOlderTrees(folder: string): Promise<void> {
  const family = path.dirname(folder);
  for (const name of await readdir(family)) {
    if (name !== path.basename(folder)) await rm(path.join(family, name), { recursive: true, force: true });
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

async function newestFolder(family: string): Promise<string | undefined> {
  await mkdir(family, { recursive: true });
  const folders = (await readdir(family)).map((name) => path.join(family, name));
  const times = await Promise.all(
    folders.map(async (folder) => ({ folder, time: (await stat(folder)).mtimeMs })),
  );
  return times.sort((left, right) => right.time - left.time)[0]?.folder;
}

function shorten(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, KEY_LENGTH);
}
