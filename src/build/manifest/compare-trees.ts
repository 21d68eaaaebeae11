import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { z } from 'zod';
import { compareText } from '../../plan/canonical-json.js';
import { repositoryPath } from '../../repository.js';
import type { TreeEntry } from '../disk/list-tree.js';
import { globToRegExp } from './glob.js';

/** `catalog/tree-differences.yaml`: what the engines are known to make differently, and why. */
export const treeDifferencesSchema = z.strictObject({
  allowed: z.array(
    z.strictObject({
      /** A glob over absolute paths. */
      path: z.string().startsWith('/'),
      reason: z.string(),
    }),
  ),
});

export type AllowedDifference = z.infer<typeof treeDifferencesSchema>['allowed'][number];

export interface TreeDifference {
  path: string;
  kind: 'only-left' | 'only-right' | 'type' | 'mode' | 'owner' | 'content' | 'target';
  left?: string;
  right?: string;
}

export interface TreeComparison {
  /** Not in the allow list, by path. */
  unexplained: TreeDifference[];
  /** How many differences each entry of the allow list explains. */
  explained: { path: string; reason: string; count: number }[];
  /** Entries that explain nothing: out of date, so an error too. */
  unused: AllowedDifference[];
}

export function loadTreeDifferences(): AllowedDifference[] {
  const { allowed } = load(readFileSync(repositoryPath('catalog', 'tree-differences.yaml'), 'utf8')) as {
    allowed: AllowedDifference[];
  };
  return allowed;
}

/** What differs between two trees, apart from what the allow list explains. Owners are compared by number. */
export function compareTrees(
  left: readonly TreeEntry[],
  right: readonly TreeEntry[],
  allow: readonly AllowedDifference[] = [],
): TreeComparison {
  const patterns = allow.map((entry) => ({ entry, pattern: globToRegExp(entry.path), count: 0 }));
  const unexplained = findDifferences(left, right).filter((difference) => {
    const explanation = patterns.find(({ pattern }) => pattern.test(difference.path));
    if (explanation !== undefined) explanation.count += 1;
    return explanation === undefined;
  });
  return {
    unexplained,
    explained: patterns.filter(({ count }) => count > 0).map(({ entry, count }) => ({ ...entry, count })),
    unused: patterns.filter(({ count }) => count === 0).map(({ entry }) => entry),
  };
}

function findDifferences(left: readonly TreeEntry[], right: readonly TreeEntry[]): TreeDifference[] {
  const rightByPath = new Map(right.map((entry) => [entry.path, entry]));
  const leftPaths = new Set(left.map(({ path }) => path));
  const differences: TreeDifference[] = left.flatMap((entry) => {
    const other = rightByPath.get(entry.path);
    return other === undefined
      ? { path: entry.path, kind: 'only-left' as const }
      : differencesOf(entry, other);
  });
  const added = right
    .filter(({ path }) => !leftPaths.has(path))
    .map(({ path }) => ({ path, kind: 'only-right' as const }));
  return [...differences, ...added].sort((one, other) => compareText(one.path, other.path));
}

/** One difference at most for each path: the first of these says enough. */
function differencesOf(left: TreeEntry, right: TreeEntry): TreeDifference[] {
  const { path } = left;
  for (const [kind, read] of FACTS) {
    const [one, other] = [read(left), read(right)];
    if (one !== other) return [{ path, kind, left: one, right: other }];
  }
  return [];
}

/** A link's own mode means nothing and differs by file system. */
const FACTS: readonly [TreeDifference['kind'], (entry: TreeEntry) => string][] = [
  ['type', ({ type }) => type],
  ['target', ({ target = '' }) => target],
  ['content', ({ sha256 = '' }) => sha256],
  ['mode', ({ type, mode }) => (type === 'link' ? '' : mode)],
  ['owner', ({ uid, gid }) => `${uid}:${gid}`],
];
