import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Gate } from '../gate/gate.js';
import { runCommand } from '../gate/run-command.js';

/** Size of the seed disk in KiB: the smallest vfat every mkfs makes. */
const SEED_KIBIBYTES = 1024;

/**
 * A NoCloud seed: a vfat disk labelled CIDATA with `user-data`, `meta-data` and, if there is any, `vendor-data` at its
 * top, made without a mount. Returns its path in `folder`.
 *
 * Source of the layout: cloud-init's documentation of the NoCloud data source.
 */
export async function makeSeed({
  gate,
  folder,
  userData,
  metaData,
  vendorData = '',
}: {
  gate: Gate;
  folder: string;
  userData: string;
  metaData: string;
  /** What the provider of a machine adds to its user data; kiln's own probe comes this way. */
  vendorData?: string;
}): Promise<string> {
  const seed = path.join(folder, 'seed.img');
  const contents = {
    'user-data': userData,
    'meta-data': metaData,
    ...(vendorData === '' ? {} : { 'vendor-data': vendorData }),
  };
  await rm(seed, { force: true });
  for (const [name, content] of Object.entries(contents)) await writeFile(path.join(folder, name), content);
  const files = Object.keys(contents).map((name) => path.join(folder, name));
  const reason = 'make the disk that carries the user data';
  await runCommand(gate, {
    file: 'mkfs.vfat',
    args: ['-C', '-n', 'CIDATA', seed, `${SEED_KIBIBYTES}`],
    reason,
  });
  await runCommand(gate, { file: 'mcopy', args: ['-i', seed, ...files, '::'], reason });
  return seed;
}
