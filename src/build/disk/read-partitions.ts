import { open } from 'node:fs/promises';
import { KilnError } from '../../errors.js';
import type { Gate } from '../../gate/gate.js';
import { runCommand } from '../../gate/run-command.js';

/** One partition of a raw disk; `offset` and `size` in bytes, `type` and `uuid` in lower case. */
export interface DiskPartition {
  number: number;
  offset: number;
  size: number;
  type: string;
  uuid: string;
  label: string;
}

export type RootFilesystem = 'ext4' | 'xfs';

/** Discoverable Partitions Specification: the root partition for x86-64 and for arm64. */
const ROOT_TYPES = ['4f68bce3-e8cd-4db1-96e7-fbcaf984b709', 'b921b045-1df0-41c3-af44-4c6f280d3fae'];
/** "Linux filesystem" in a GPT, and in an MBR table. */
const LINUX_TYPES = ['0fc63daf-8483-4772-8e79-3d69d8477de4', '83'];
/** Where each file system keeps its magic number, from the start of the partition. */
const MAGIC_NUMBERS = [
  { filesystem: 'ext4', offset: 1080, bytes: Buffer.from([0x53, 0xef]) },
  { filesystem: 'xfs', offset: 0, bytes: Buffer.from('XFSB') },
] as const;

/** The partitions of a raw disk, in the table's order. @throws KilnError COMMAND_FAILED when it has no table. */
export async function readPartitions(gate: Gate, disk: string): Promise<DiskPartition[]> {
  const command = { file: 'sfdisk', args: ['--json', disk], reason: 'read the partition table of the disk' };
  const output = await runCommand(gate, command, { capture: true });
  return output === '' ? [] : parsePartitionTable(output);
}

/** Reads what `sfdisk --json` prints. */
export function parsePartitionTable(json: string): DiskPartition[] {
  const { partitiontable } = JSON.parse(json) as {
    partitiontable: {
      sectorsize?: number;
      partitions?: { start: number; size: number; type: string; uuid?: string; name?: string }[];
    };
  };
  const sector = partitiontable.sectorsize ?? 512;
  return (partitiontable.partitions ?? []).map(({ start, size, type, uuid = '', name = '' }, index) => ({
    number: index + 1,
    offset: start * sector,
    size: size * sector,
    type: type.toLowerCase(),
    uuid: uuid.toLowerCase(),
    label: name,
  }));
}

/**
 * The partition with the root file system: the one typed so, else the largest Linux one.
 *
 * @throws KilnError IMAGE_INVALID when there is none.
 */
export function findRootPartition(disk: string, partitions: readonly DiskPartition[]): DiskPartition {
  const linux = partitions
    .filter(({ type }) => LINUX_TYPES.includes(type))
    .sort((left, right) => right.size - left.size);
  const root = partitions.find(({ type }) => ROOT_TYPES.includes(type)) ?? linux[0];
  if (root !== undefined) return root;
  throw new KilnError('IMAGE_INVALID', `${disk} has no root partition`, {
    hint: 'An image is a disk with a partition of type "Linux root" or "Linux filesystem".',
  });
}

/** Which file system a partition holds. @throws KilnError IMAGE_INVALID for one kiln does not read. */
export async function detectFilesystem(disk: string, partition: DiskPartition): Promise<RootFilesystem> {
  const handle = await open(disk, 'r');
  try {
    for (const { filesystem, offset, bytes } of MAGIC_NUMBERS) {
      const { buffer } = await handle.read(
        Buffer.alloc(bytes.length),
        0,
        bytes.length,
        partition.offset + offset,
      );
      if (buffer.equals(bytes)) return filesystem;
    }
  } finally {
    await handle.close();
  }
  throw new KilnError('IMAGE_INVALID', `Partition ${partition.number} of ${disk} is neither ext4 nor xfs`);
}
