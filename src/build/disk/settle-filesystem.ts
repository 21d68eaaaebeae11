import type { Gate } from '../../gate/gate.js';
import { runCommand } from '../../gate/run-command.js';
import { detectFilesystem, findRootPartition, readPartitions } from './read-partitions.js';

/**
 * Frees what the builder's last programs still held open when its machine went off (files already deleted), so that the
 * image's file system is clean. xfs does that by itself when it is mounted next.
 *
 * @throws KilnError COMMAND_FAILED when there is more to repair than that; IMAGE_INVALID.
 */
export async function settleFilesystem(gate: Gate, disk: string): Promise<void> {
  const root = findRootPartition(disk, await readPartitions(gate, disk));
  if ((await detectFilesystem(disk, root)) !== 'ext4') return;
  const device = `${disk}?offset=${root.offset}`;
  const reason = 'leave the file system of the image clean';
  // Status 1 says that there was something to free; whether all is well now is for the second run to say.
  await runCommand(gate, { file: 'e2fsck', args: ['-fp', device], reason }).catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== 'COMMAND_FAILED') throw error;
  });
  await runCommand(gate, { file: 'e2fsck', args: ['-fn', device], reason });
}
