import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Gate } from '../gate/gate.js';
import { runCommand } from '../gate/run-command.js';

/** Size of the seed disk in KiB: the smallest vfat every mkfs makes. */
const SEED_KIBIBYTES = 1024;

/**
 * A NoCloud seed: a vfat disk labelled CIDATA with `user-data` and `meta-data` at its top, made without a mount.
 * Returns its path in `folder`.
 *
 * Source of the layout: cloud-init's documentation of the NoCloud data source.
 */
export async function makeSeed({
  gate,
  folder,
  userData,
  metaData,
}: {
  gate: Gate;
  folder: string;
  userData: string;
  metaData: string;
}): Promise<string> {
  const seed = path.join(folder, 'seed.img');
  const files = [path.join(folder, 'user-data'), path.join(folder, 'meta-data')] as const;
  await writeFile(files[0], userData);
  await writeFile(files[1], metaData);
  const reason = 'make the disk that carries the user data';
  await runCommand(gate, {
    file: 'mkfs.vfat',
    args: ['-C', '-n', 'CIDATA', seed, `${SEED_KIBIBYTES}`],
    reason,
  });
  await runCommand(gate, { file: 'mcopy', args: ['-i', seed, ...files, '::'], reason });
  return seed;
}
