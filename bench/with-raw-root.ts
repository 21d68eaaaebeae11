import path from 'node:path';
import { type DiskPartition, findRootPartition, readPartitions } from '../src/build/disk/read-partitions.js';
import type { Gate } from '../src/gate/gate.js';
import { runCommand } from '../src/gate/run-command.js';

/** Mounts the root of a raw disk below `folder`, writable, while `work` runs. Needs root. */
export async function withRawRoot(
  gate: Gate,
  disk: string,
  folder: string,
  work: (tree: string, partitions: readonly DiskPartition[]) => Promise<void>,
): Promise<void> {
  const partitions = await readPartitions(gate, disk);
  const root = findRootPartition(disk, partitions);
  const tree = path.join(folder, 'root');
  const run = (file: string, ...args: string[]): Promise<string> =>
    runCommand(gate, { file, args, reason: 'change a copy of the image' });
  await run('mkdir', '-p', tree);
  await run('mount', '-o', `loop,offset=${root.offset},sizelimit=${root.size}`, disk, tree);
  try {
    await work(tree, partitions);
  } finally {
    await run('umount', '-R', tree);
  }
}
