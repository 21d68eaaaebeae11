import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { TreeEntry } from '../../build/disk/list-tree.js';

/** As many links as the kernel follows in one path. */
const MOST_LINKS = 40;

/** The files of a disk, by the paths they have on the node. */
export interface DiskTree {
  /** Where the disk's root is visible on the host. */
  folder: string;
  entries: readonly TreeEntry[];
  /** What is at a path, links in its folders followed inside the disk, the last name not. */
  find(name: string): TreeEntry | undefined;
  /** The same, with the last name followed too. */
  resolve(name: string): TreeEntry | undefined;
  /** Text of the file a path leads to; `undefined` where there is none. */
  read(name: string): Promise<string | undefined>;
}

/**
 * A disk's files with the links between them followed as the node would: absolute ones start at the disk's root, so that
 * none leads to a file of the host.
 */
export function makeDiskTree(folder: string, entries: readonly TreeEntry[]): DiskTree {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  const find = (name: string) => followed(byPath, name, false);
  const resolve = (name: string) => followed(byPath, name, true);
  return {
    folder,
    entries,
    find,
    resolve,
    async read(name) {
      const entry = resolve(name);
      return entry?.type === 'file' ? readFile(path.join(folder, entry.path), 'utf8') : undefined;
    },
  };
}

function followed(
  byPath: ReadonlyMap<string, TreeEntry>,
  name: string,
  last: boolean,
): TreeEntry | undefined {
  let links = 0;
  let reached = '/';
  const names = name.split('/').filter(Boolean);
  for (let next = names.shift(); next !== undefined; next = names.shift()) {
    const here = path.posix.join(reached, next);
    const entry = byPath.get(here);
    const follow = entry?.type === 'link' && (last || names.length > 0);
    if (!follow) {
      reached = here;
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) return undefined;
    const target = entry.target ?? '';
    if (target.startsWith('/')) reached = '/';
    names.unshift(...target.split('/').filter(Boolean));
  }
  return byPath.get(reached);
}
