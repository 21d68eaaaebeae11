import { createHash } from 'node:crypto';
import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, type Stats } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { compareText } from '../../plan/canonical-json.js';

export type FileType =
  | 'file'
  | 'directory'
  | 'link'
  | 'character-device'
  | 'block-device'
  | 'fifo'
  | 'socket';

/** One path of a tree. `mode` is octal with the setuid, setgid and sticky bits: `4755`. */
export interface TreeEntry {
  path: string;
  type: FileType;
  mode: string;
  uid: number;
  gid: number;
  /** Bytes, of a regular file. */
  size?: number;
  sha256?: string;
  /** Of a symbolic link. */
  target?: string;
}

const CHUNK = 1024 * 1024;
/** How many paths are read before other work gets its turn. */
const TURN = 200;

/**
 * Every path below a folder, itself as `/`, sorted by path; symbolic links are read, never followed. Files are hashed in
 * pieces of 1 MiB, so memory does not grow with them.
 */
export async function listTree(
  folder: string,
  { signal }: { signal?: AbortSignal } = {},
): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  const buffer = Buffer.allocUnsafe(CHUNK);
  const pending = ['/'];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const entry = readEntry(folder, name, buffer);
    entries.push(entry);
    if (entry.type === 'directory') {
      for (const child of readdirSync(path.join(folder, name))) pending.push(path.posix.join(name, child));
    }
    if (entries.length % TURN !== 0) continue;
    await setImmediate();
    signal?.throwIfAborted();
  }
  return entries.sort((left, right) => compareText(left.path, right.path));
}

function readEntry(folder: string, name: string, buffer: Buffer): TreeEntry {
  const absolute = path.join(folder, name);
  const stats = lstatSync(absolute);
  const type = typeOf(stats);
  const { uid, gid } = stats;
  const entry: TreeEntry = {
    path: name,
    type,
    mode: (stats.mode & 0o7777).toString(8).padStart(4, '0'),
    uid,
    gid,
  };
  if (type === 'link') entry.target = readlinkSync(absolute);
  if (type !== 'file') return entry;
  return { ...entry, size: stats.size, sha256: hashFile(absolute, buffer) };
}

function hashFile(file: string, buffer: Buffer): string {
  const hash = createHash('sha256');
  const descriptor = openSync(file, 'r');
  try {
    for (let read = readSync(descriptor, buffer); read > 0; read = readSync(descriptor, buffer)) {
      hash.update(buffer.subarray(0, read));
    }
  } finally {
    closeSync(descriptor);
  }
  return hash.digest('hex');
}

function typeOf(stats: Stats): FileType {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'link';
  if (stats.isCharacterDevice()) return 'character-device';
  if (stats.isBlockDevice()) return 'block-device';
  return stats.isFIFO() ? 'fifo' : 'socket';
}
