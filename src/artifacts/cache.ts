import { chmod, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { digestFile, parseDigest } from './digest.js';
import { errorCode, fileProblem } from './file-problem.js';
import { writeFileAtomically } from './write-file-atomically.js';

/** A path under kiln's cache, `$XDG_CACHE_HOME/kiln` or `~/.cache/kiln`. */
export function cacheFolder(...parts: string[]): string {
  const base = process.env.XDG_CACHE_HOME;
  // The base directory specification has relative paths ignored.
  const root = base !== undefined && path.isAbsolute(base) ? base : path.join(homedir(), '.cache');
  return path.join(root, 'kiln', ...parts);
}

/** Where the bytes with this digest are, or would be. */
export function cachedPath(digest: string): string {
  const { algorithm, hex } = parseDigest(digest);
  return cacheFolder('artifacts', algorithm, hex);
}

/**
 * The cached file with this digest, if it is there and whole; a corrupted one is removed.
 *
 * A file is hashed again only when it changed since it was last hashed (see `checkState`): that catches truncation,
 * edits, restored backups and swapped files for the price of one `stat`, where hashing the artifacts of a bake each time
 * takes over a second. Bits that rot without a write go unseen here, as in any file.
 */
export async function findCached(digest: string, signal?: AbortSignal): Promise<string | undefined> {
  const file = cachedPath(digest);
  const state = await checkState(file);
  if (state === 'absent') return undefined;
  if (state === 'unchanged') return file;
  const actual = await digestFile(file, parseDigest(digest).algorithm, signal);
  if (actual !== digest) {
    await rm(file, { force: true });
    return undefined;
  }
  await noteChecked(file);
  return file;
}

/**
 * Takes a finished file, whose digest the caller has just checked, into the cache; it moves, so it must be on the cache's
 * file system. Two processes may do it at once: they bring the same bytes.
 *
 * @throws KilnError OUT_DIR_UNWRITABLE, DISK_FULL
 */
export async function admitToCache(temporary: string, digest: string): Promise<string> {
  const file = cachedPath(digest);
  await moveIntoCache(temporary, file);
  return file;
}

/** Puts a finished file at its final place under the cache: on the disk, read-only, in one step. */
export async function moveIntoCache(temporary: string, file: string): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await syncFile(temporary);
    await chmod(temporary, 0o444);
    await rename(temporary, file);
    await syncFile(path.dirname(file));
  } catch (error) {
    throw fileProblem(error, path.dirname(file));
  }
  await noteChecked(file);
}

/** Whether a file under the cache is as it was when `noteChecked` saw it. */
export async function checkState(file: string): Promise<'absent' | 'unchanged' | 'changed'> {
  const stamp = await stampOf(file);
  if (stamp === undefined) return 'absent';
  const noted = await readFile(stampPath(file), 'utf8').catch(() => undefined);
  return noted === stamp ? 'unchanged' : 'changed';
}

/** Notes a file under the cache as checked. A cache that cannot be written still serves: the next run checks again. */
export async function noteChecked(file: string): Promise<void> {
  const stamp = await stampOf(file);
  if (stamp === undefined) return;
  await writeFileAtomically(stampPath(file), stamp).catch(() => {});
}

/** What changes when a file does: size, inode and change time (which, unlike mtime, nobody can set back). */
async function stampOf(file: string): Promise<string | undefined> {
  try {
    const { size, ino, ctimeNs } = await stat(file, { bigint: true });
    return `${size} ${ino} ${ctimeNs}`;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw fileProblem(error, path.dirname(file));
  }
}

/** Brings a file's (or folder's) bytes to the disk, so that a power cut after the rename cannot leave it empty. */
async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function stampPath(file: string): string {
  return cacheFolder('checked', path.relative(cacheFolder(), file));
}
