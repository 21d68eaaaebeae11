import { writeFileAtomically } from '../artifacts/write-file-atomically.js';
import type { Gate } from '../gate/gate.js';
import { formatLock } from './format-lock.js';
import type { Lock } from './lock.js';

/** Writes `kiln.lock.yaml`; an interrupted write leaves the old file. @throws KilnError OUT_DIR_UNWRITABLE, DISK_FULL. */
export async function writeLock({
  gate,
  lock,
  file,
}: {
  gate: Gate;
  lock: Lock;
  file: string;
}): Promise<void> {
  await gate.perform({ verb: 'write', target: file }, () => writeFileAtomically(file, formatLock(lock)));
}
