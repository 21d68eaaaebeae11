import type { TreeEntry } from '../../../build/disk/list-tree.js';
import { globToRegExp } from '../../../build/manifest/glob.js';
import type { Problem } from '../../types.js';
import type { DiskCheck, OpenDisk } from '../disk-context.js';

const [SETID, STICKY, OTHERS_READ, OTHERS_WRITE] = [0o6000, 0o1000, 0o004, 0o002];

/** Nothing everybody may write, no secret everybody may read, no program that becomes someone else unless it is known. */
export const filePermissions: DiskCheck<OpenDisk> = {
  name: 'file-permissions',
  title: 'No file is open to everybody or becomes root unexpectedly',
  async run({ tree, facts: { permissions }, violations }) {
    const writable = matcher(permissions.worldWritable.map(({ path }) => path));
    const closed = matcher(permissions.closed);
    const known = matcher(permissions.setuid.map(({ path }) => path));
    const keys = new Set(violations.filter(({ rule }) => rule === 'private-key').map(({ path }) => path));
    const problems = tree.entries
      .filter(({ type }) => type !== 'link')
      .flatMap((entry): Problem[] => [
        ...worldWritable(entry, writable),
        ...(closed(entry.path) || keys.has(entry.path) ? readable(entry) : []),
        ...(known(entry.path) ? [] : becomesAnother(entry)),
      ]);
    return { examined: tree.entries.length, problems };
  },
};

function matcher(globs: readonly string[]): (path: string) => boolean {
  const patterns = globs.map(globToRegExp);
  return (path) => patterns.some((pattern) => pattern.test(path));
}

function worldWritable(entry: TreeEntry, allowed: (path: string) => boolean): Problem[] {
  const mode = Number.parseInt(entry.mode, 8);
  const isSticky = entry.type === 'directory' && (mode & STICKY) !== 0;
  if ((mode & OTHERS_WRITE) === 0 || isSticky || allowed(entry.path)) return [];
  const message = `expected nobody but its owner and group to write it, found mode ${entry.mode}`;
  return [{ subject: entry.path, message, hint: `chmod o-w ${entry.path} before the bake ends` }];
}

function readable(entry: TreeEntry): Problem[] {
  if ((Number.parseInt(entry.mode, 8) & OTHERS_READ) === 0) return [];
  const message = `expected a secret nobody else may read, found mode ${entry.mode}`;
  return [{ subject: entry.path, message, hint: `chmod o-r ${entry.path}, or do not bake it` }];
}

function becomesAnother(entry: TreeEntry): Problem[] {
  if (entry.type !== 'file' || (Number.parseInt(entry.mode, 8) & SETID) === 0) return [];
  const message = `expected no setuid or setgid file but the distribution's known ones, found mode ${entry.mode}`;
  return [
    {
      subject: entry.path,
      message,
      hint: 'If the package needs it, name it with the reason in catalog/disk-checks.yaml (permissions.setuid).',
    },
  ];
}
