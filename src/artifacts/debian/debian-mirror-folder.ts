import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { formatLock } from '../../lock/format-lock.js';
import type { Lock } from '../../lock/lock.js';
import { LOCK_FILE } from '../../lock/lock-file.js';
import { readLock } from '../../lock/read-lock.js';
import { fileProblem } from '../file-problem.js';
import { verifySums, writeSums } from '../mirror-sums.js';
import { placeFile } from '../place-file.js';
import { writeFileAtomically } from '../write-file-atomically.js';

/** Records what a mirror was made from. */
const INPUTS_FILE = '.kiln-inputs';

/** The lock of a mirror that was made from exactly these inputs and whose files are all whole; else `undefined`. */
export async function finishedMirror({
  folder,
  inputs,
  signal,
}: {
  folder: string;
  inputs: string;
  signal: AbortSignal;
}): Promise<Lock | undefined> {
  const recorded = await readFile(path.join(folder, INPUTS_FILE), 'utf8').catch(() => undefined);
  if (recorded !== inputs || !(await verifySums(folder, signal))) return undefined;
  return readLock(path.join(folder, LOCK_FILE));
}

/**
 * Moves the files made under `from` into the mirror, which may hold other things. The old lock goes first and the new one
 * comes last, so whenever this is cut short the mirror does not look finished.
 *
 * @throws KilnError DISK_FULL, OUT_DIR_UNWRITABLE
 */
export async function publishMirror({
  from,
  to,
  lock,
  inputs,
}: {
  from: string;
  to: string;
  lock: Lock;
  inputs: string;
}): Promise<void> {
  try {
    await mkdir(to, { recursive: true });
    for (const name of [LOCK_FILE, INPUTS_FILE]) await rm(path.join(to, name), { force: true });
    const entries = await readdir(from, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
    const names = files.map((file) => path.relative(from, file)).sort();
    for (const name of names) await placeFile(path.join(from, name), path.join(to, name));
    await writeSums(to, names);
    await writeFileAtomically(path.join(to, INPUTS_FILE), inputs);
    await writeFileAtomically(path.join(to, LOCK_FILE), formatLock(lock));
  } catch (error) {
    throw fileProblem(error, to);
  }
}
