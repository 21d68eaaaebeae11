import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { compareText } from '../../plan/canonical-json.js';
import type { TreeEntry } from '../disk/list-tree.js';
import { globToRegExp } from './glob.js';
import { type HygieneRules, loadHygieneRules } from './hygiene-rules.js';

/** Something a finished image must not hold. */
export interface Violation {
  path: string;
  rule: string;
  detail: string;
}

/** PEM's line that begins a private key of any kind: PKCS #1, PKCS #8 (plain or encrypted), SEC 1, OpenSSH, PGP. */
const PRIVATE_KEY = /^-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----\s*$/m;
/** A hash in the password field; `*`, `!`, `!!`, `!*` and `x` lock the account, an empty field opens it. */
const LOCKED = /^(?:[!*]+|x)$/;

/**
 * Looks through a finished image for what identifies a machine or opens a door, by path and by content; sorted by path.
 *
 * @param tree the image's root folder; symbolic links in it are not followed.
 * @param entries what `listTree` says of it.
 */
export async function scanHygiene({
  tree,
  entries,
  rules = loadHygieneRules(),
}: {
  tree: string;
  entries: readonly TreeEntry[];
  rules?: HygieneRules;
}): Promise<Violation[]> {
  const violations = [
    ...byPath(entries, rules),
    ...(await privateKeys(tree, entries, rules)),
    ...(await passwords(tree, entries)),
    ...(await passwordlessSudo(tree, entries)),
  ];
  return violations
    .filter((violation) => !isAllowed(violation, rules))
    .sort((left, right) => compareText(left.path, right.path) || compareText(left.rule, right.rule));
}

function byPath(entries: readonly TreeEntry[], { rules }: HygieneRules): Violation[] {
  return rules.flatMap(({ rule, detail, paths, nonEmpty = false }) => {
    const patterns = paths.map(globToRegExp);
    return entries
      .filter((entry) => patterns.some((pattern) => pattern.test(entry.path)))
      .filter((entry) => !nonEmpty || (entry.type === 'file' && entry.size !== 0))
      .map((entry) => ({ path: entry.path, rule, detail }));
  });
}

async function privateKeys(
  tree: string,
  entries: readonly TreeEntry[],
  { privateKeys: { maxSize } }: HygieneRules,
): Promise<Violation[]> {
  const violations: Violation[] = [];
  // One buffer for all: thousands of small ones would wait for the garbage collector together.
  const buffer = Buffer.allocUnsafe(maxSize);
  for (const entry of entries) {
    if (entry.type !== 'file' || entry.size === undefined || entry.size > maxSize || entry.size === 0)
      continue;
    const bytes = await readInto(buffer, path.join(tree, entry.path));
    // Cheap test first: nearly no file has it.
    if (!bytes.includes('PRIVATE KEY')) continue;
    if (!PRIVATE_KEY.test(bytes.toString('latin1'))) continue;
    violations.push({ path: entry.path, rule: 'private-key', detail: 'holds a private key in PEM form' });
  }
  return violations;
}

/** As much of a file as the buffer holds. */
async function readInto(buffer: Buffer, file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function passwords(tree: string, entries: readonly TreeEntry[]): Promise<Violation[]> {
  const violations: Violation[] = [];
  for (const [file, field] of [
    ['/etc/shadow', 1],
    ['/etc/passwd', 1],
    ['/etc/gshadow', 1],
  ] as const) {
    for (const line of await readLines(tree, entries, file)) {
      const fields = line.split(':');
      const password = fields[field] ?? '';
      // A group without a password is closed; an account without one is open.
      if (LOCKED.test(password) || (password === '' && file === '/etc/gshadow')) continue;
      const detail = password === '' ? `${fields[0]} has no password` : `${fields[0]} has a password hash`;
      violations.push({ path: file, rule: 'password', detail });
    }
  }
  return violations;
}

async function passwordlessSudo(tree: string, entries: readonly TreeEntry[]): Promise<Violation[]> {
  const violations: Violation[] = [];
  const files = entries.filter(
    ({ path: name }) => name === '/etc/sudoers' || name.startsWith('/etc/sudoers.d/'),
  );
  for (const { path: name } of files) {
    const lines = await readLines(tree, entries, name);
    const open = lines.find((line) => !line.startsWith('#') && line.includes('NOPASSWD'));
    if (open !== undefined)
      violations.push({ path: name, rule: 'sudo-without-password', detail: open.trim() });
  }
  return violations;
}

async function readLines(tree: string, entries: readonly TreeEntry[], name: string): Promise<string[]> {
  if (!entries.some((entry) => entry.path === name && entry.type === 'file')) return [];
  const content = await readFile(path.join(tree, name), 'utf8');
  return content.split('\n').filter((line) => line !== '');
}

function isAllowed(violation: Violation, { allowed }: HygieneRules): boolean {
  return allowed.some(
    ({ path: glob, rule }) => rule === violation.rule && globToRegExp(glob).test(violation.path),
  );
}
