import path from 'node:path';
import { compareText } from '../../plan/canonical-json.js';
import type { DiskTree } from './disk-tree.js';

/** Where systemd-sysctl looks; a file hides those of its name further down. Source: sysctl.d(5). */
const FOLDERS = [
  '/etc/sysctl.d',
  '/run/sysctl.d',
  '/usr/local/lib/sysctl.d',
  '/usr/lib/sysctl.d',
  '/lib/sysctl.d',
];

/** One file of settings, in the order they are read. */
export interface SysctlFile {
  path: string;
  text: string;
}

/** What a key will be set to, and by which line. */
export interface SysctlSetting {
  value: string;
  file: string;
  line: number;
}

interface Assignment extends SysctlSetting {
  /** With dots. */
  key: string;
  /** A line `-key`: the key keeps what it has, whatever a glob says. */
  excluded: boolean;
}

/**
 * The files systemd-sysctl reads, in its order: by name, whichever folder they are in. /etc/sysctl.conf is none of them
 * unless a link in sysctl.d leads there, as Debian 12's does; a link to /dev/null hides the files of its name.
 */
export async function listSysctlFiles(tree: DiskTree): Promise<SysctlFile[]> {
  const byName = new Map<string, string>();
  for (const folder of FOLDERS) {
    const real = tree.resolve(folder)?.path;
    if (real === undefined) continue;
    for (const entry of tree.entries) {
      const name = path.posix.basename(entry.path);
      const isHere = path.posix.dirname(entry.path) === real && name.endsWith('.conf');
      if (isHere && !byName.has(name)) byName.set(name, `${folder}/${name}`);
    }
  }
  const sorted = [...byName].sort(([left], [right]) => compareText(left, right));
  const files = await Promise.all(
    sorted.map(async ([, file]) => ({ path: file, text: (await tree.read(file)) ?? '' })),
  );
  return files.filter(({ text }) => text !== '');
}

/**
 * What each of `keys` is set to in the end. A later line wins; a key that is written out wins over any glob.
 *
 * @param globs whether this systemd knows them (245 and newer)
 */
export function effectiveSysctls(
  files: readonly SysctlFile[],
  keys: readonly string[],
  { globs }: { globs: boolean },
): Map<string, SysctlSetting> {
  const assignments = files.flatMap(parseFile);
  const effective = new Map<string, SysctlSetting>();
  for (const key of keys) {
    const written = assignments.findLast((assignment) => assignment.key === key);
    if (written?.excluded) continue;
    const setting =
      written ?? (globs ? assignments.findLast((assignment) => matches(assignment, key)) : undefined);
    if (setting !== undefined)
      effective.set(key, { value: setting.value, file: setting.file, line: setting.line });
  }
  return effective;
}

function parseFile({ path: file, text }: SysctlFile): Assignment[] {
  return text.split('\n').flatMap((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) return [];
    const equals = line.indexOf('=');
    const excluded = equals < 0 && line.startsWith('-');
    if (equals < 0 && !excluded) return [];
    const key = (excluded ? line : line.slice(0, equals)).replace(/^-/, '').trim();
    const value = excluded ? '' : line.slice(equals + 1).trim();
    return [{ key: withDots(key), value, file, line: index + 1, excluded }];
  });
}

/** `net/ipv4/conf/eth0.1/x` and `net.ipv4.conf.eth0/1.x` are one key: what separates first, separates. */
function withDots(key: string): string {
  const separator = /[./]/.exec(key)?.[0];
  if (separator !== '/') return key;
  return key.replace(/[./]/g, (character) => (character === '/' ? '.' : '/'));
}

/** Names between dots match `*` and `?`; neither crosses a dot. */
function matches({ key, excluded }: Assignment, wanted: string): boolean {
  if (excluded || !/[*?[]/.test(key)) return false;
  const source = key.replace(/[.+^${}()|\\]|\*|\?/g, (part) => {
    if (part === '*') return '[^.]*';
    return part === '?' ? '[^.]' : `\\${part}`;
  });
  return new RegExp(`^${source}$`).test(wanted);
}
