import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { detectFilesystem, findRootPartition, readPartitions } from '../build/disk/read-partitions.js';
import { withDiskTree } from '../build/disk/with-disk-tree.js';
import type { Gate } from '../gate/gate.js';
import { runCommand } from '../gate/run-command.js';

/**
 * Copies folders and files out of the root file system of a raw disk into `out`; what is not there is left out. ext4
 * is read without a mount and so without root, and is repaired first (in the copy) when the guest was cut off; xfs is
 * mounted read-only.
 *
 * @throws KilnError IMAGE_INVALID when there is no root file system kiln can read; ROOT_NEEDED for xfs without root.
 */
export async function readDisk({
  gate,
  disk,
  paths,
  out,
}: {
  gate: Gate;
  /** A copy: its file system is repaired where it has to be. */
  disk: string;
  paths: readonly string[];
  out: string;
}): Promise<void> {
  const root = findRootPartition(disk, await readPartitions(gate, disk));
  for (const wanted of paths) await mkdir(path.join(out, path.dirname(wanted)), { recursive: true });
  if ((await detectFilesystem(disk, root)) === 'ext4')
    return copyFromExt4(gate, `${disk}?offset=${root.offset}`, paths, out);
  await withDiskTree(gate, disk, (tree) => copyFromTree(tree, paths, out));
}

async function copyFromExt4(
  gate: Gate,
  device: string,
  paths: readonly string[],
  out: string,
): Promise<void> {
  const reason = 'read the disk after the boot';
  // Status 1 means "repaired", which is why it is run at all; what it cannot repair shows when the files are read.
  await runCommand(gate, { file: 'e2fsck', args: ['-fy', device], reason }).catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== 'COMMAND_FAILED') throw error;
  });
  for (const wanted of paths) {
    const request = `rdump "${wanted}" "${path.join(out, path.dirname(wanted))}"`;
    await runCommand(gate, { file: 'debugfs', args: ['-R', request, device], reason });
  }
}

async function copyFromTree(tree: string, paths: readonly string[], out: string): Promise<void> {
  for (const wanted of paths) {
    await cp(path.join(tree, wanted), path.join(out, wanted), { recursive: true }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    });
  }
}
