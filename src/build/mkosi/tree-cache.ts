import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder } from '../../artifacts/cache.js';
import { obeyProxySettings } from '../../artifacts/obey-proxy-settings.js';
import { KilnError } from '../../errors.js';
import { digestOf } from '../../plan/canonical-json.js';
import type { Arch } from '../../plan/types.js';
import type { RenderedFile } from '../../render/render-template.js';
import { archiveState, indexUrls } from './archive-state.js';
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
  /** The archive's state when it was asked: `sha256:<hex>`. */
  state?: string;
}

/**
 * The folder that keeps the tree of installed packages between bakes: one for each set of packages and state of the
 * archive, so that a security update makes a new one and nothing else does. Where the archive is not asked (no `archives`) or does
 * not answer, the newest complete tree of the same packages serves; not so when the lock pins a state, which a complete tree of
 * it serves without asking.
 *
 * @throws KilnError DIGEST_MISMATCH when the archive is in another state than the pinned one.
 */
export async function treeFolder({
  name,
  arch,
  toolbox,
  config,
  archives,
  pinned,
  signal,
}: {
  /** What the folder is for, to a person looking at the cache. */
  name: string;
  arch: Arch;
  /** Digest of the toolbox: another mkosi may make another tree. */
  toolbox: string;
  config: readonly RenderedFile[];
  archives: readonly Archive[];
  /** `sha256:<hex>` of the archive's state, from the lock. */
  pinned?: string | undefined;
  signal: AbortSignal;
}): Promise<Tree> {
  const family = cacheFolder('mkosi', 'trees', `${name}-${packagesKey(config, toolbox)}`);
  const expected = pinned === undefined ? undefined : path.join(family, shorten(pinned));
  if (expected !== undefined && (await isComplete(expected)))
    return { folder: expected, complete: true, archiveAnswered: false };
  const state = archives.length === 0 ? undefined : await askArchives(archives, arch, signal);
  if (state !== undefined) {
    if (pinned !== undefined && state !== pinned) throw movedOn(pinned, state);
    const folder = path.join(family, shorten(state));
    return { folder, complete: await isComplete(folder), archiveAnswered: true, state };
  }
  const newest = expected ?? (await newestComplete(family));
  return {
    folder: newest ?? path.join(family, 'unknown'),
    complete: newest !== undefined && newest !== expected,
    archiveAnswered: false,
  };
}

/**
 * Says that all packages of a tree are installed, after its first bake, and removes what is no longer needed: the trees
 * of earlier archive states (some 500 MB each).
 *
 * @throws KilnError BASE_UNREACHABLE when the archive changed meanwhile: nobody can say which state the packages are of.
 */
export async function completeTree(
  { folder, complete, state }: Tree,
  { archives, arch, signal }: { archives: readonly Archive[]; arch: Arch; signal: AbortSignal },
): Promise<void> {
  if (complete) return;
  const now = await askArchives(archives, arch, signal);
  if (now !== undefined && now !== state) {
    throw new KilnError(
      'BASE_UNREACHABLE',
      'The package archive changed while its packages were being installed',
      {
        hint: 'Nothing was kept. Bake again; with a lock that pins the state, `bake update` first.',
      },
    );
  }
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

/** The archives' state as they say it now; `undefined` when one of them does not. Signatures are checked by whoever installs. */
async function askArchives(
  archives: readonly Archive[],
  arch: Arch,
  signal: AbortSignal,
): Promise<string | undefined> {
  obeyProxySettings();
  const indexes = new Map<string, string>();
  try {
    for (const url of indexUrls(archives)) {
      const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]) });
      if (!response.ok) return undefined;
      indexes.set(url, await response.text());
    }
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
  return archiveState({ archives, arch, indexes })?.digest;
}

function movedOn(pinned: string, state: string): KilnError {
  return new KilnError(
    'DIGEST_MISMATCH',
    `The package archive is not in the state the lock names\n  expected ${pinned}\n  actual   ${state}`,
    {
      hint: '`bake update` takes up what it holds now; a lock that names a snapshot of the archive stays good for ever.',
    },
  );
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
