import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { digestFile } from './digest.js';
import { writeFileAtomically } from './write-file-atomically.js';

const SUMS_FILE = 'SHA256SUMS';

/** Writes `SHA256SUMS` for files of a folder, in the form `sha256sum -c` reads. */
export async function writeSums(folder: string, names: readonly string[]): Promise<void> {
  const lines: string[] = [];
  for (const name of [...names].sort()) {
    const digest = await digestFile(path.join(folder, name));
    lines.push(`${digest.replace('sha256:', '')}  ${name}\n`);
  }
  await writeFileAtomically(path.join(folder, SUMS_FILE), lines.join(''));
}

/** Whether every file `SHA256SUMS` names is there and right; false without the list. */
export async function verifySums(folder: string, signal: AbortSignal): Promise<boolean> {
  const text = await readFile(path.join(folder, SUMS_FILE), 'utf8').catch(() => '');
  const lines = [...text.matchAll(/^([0-9a-f]{64}) {2}(.+)$/gm)];
  for (const [, hex, name = ''] of lines) {
    const actual = await digestFile(path.join(folder, name), 'sha256', signal).catch(() => undefined);
    signal.throwIfAborted();
    if (actual !== `sha256:${hex}`) return false;
  }
  return lines.length > 0;
}
