import { mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { KilnError } from '../errors.js';
import type { Gate } from '../gate/gate.js';
import { runCommand } from '../gate/run-command.js';

/** One partition of a GPT disk, in bytes. */
export interface Partition {
  type: string;
  offset: number;
  size: number;
}

const SECTOR = 512;
/** UEFI 2.10 section 5.3: the header is sector 1, and the entries of the tables in use start at sector 2. */
const TABLE_SECTORS = 34;
/** Discoverable Partitions Specification: the root partition for x86-64 and for arm64. */
const ROOT_TYPES = ['4f68bce3-e8cd-4db1-96e7-fbcaf984b709', 'b921b045-1df0-41c3-af44-4c6f280d3fae'];
const LINUX_TYPE = '0fc63daf-8483-4772-8e79-3d69d8477de4';
/** The magic number of ext2, ext3 and ext4, in their superblock. */
const EXT_MAGIC = { offset: 1080, bytes: [0x53, 0xef] };

/**
 * Copies folders and files out of the root file system of a qcow2 disk, without mounting it, into `out`; what is not
 * there is left out. Works on a disk that was not unmounted cleanly: its file system is checked in a copy first.
 *
 * @throws KilnError IMAGE_INVALID when there is no root partition, or it is not ext4.
 */
export async function readDisk({
  gate,
  disk,
  paths,
  out,
  folder,
}: {
  gate: Gate;
  disk: string;
  paths: readonly string[];
  out: string;
  folder: string;
}): Promise<void> {
  const root = path.join(folder, 'root.img');
  const reason = 'read the disk after the boot';
  const partition = await findRoot(gate, disk, folder);
  const source = {
    driver: 'raw',
    offset: partition.offset,
    size: partition.size,
    file: { driver: 'qcow2', file: { driver: 'file', filename: disk } },
  };
  await runCommand(gate, { file: 'qemu-img', args: ['convert', '-O', 'raw', `json:${JSON.stringify(source)}`, root], reason });
  await requireExt4(root);
  // Status 1 means "repaired", which is why it is run at all; what it cannot repair shows when the files are read.
  await runCommand(gate, { file: 'e2fsck', args: ['-fy', root], reason }).catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== 'COMMAND_FAILED') throw error;
  });
  await mkdir(out, { recursive: true });
  for (const wanted of paths) {
    const target = path.join(out, path.dirname(wanted));
    await mkdir(target, { recursive: true });
    await runCommand(gate, { file: 'debugfs', args: ['-R', `rdump "${wanted}" "${target}"`, root], reason });
  }
}

async function findRoot(gate: Gate, disk: string, folder: string): Promise<Partition> {
  const table = path.join(folder, 'partition-table');
  const args = ['dd', '-f', 'qcow2', '-O', 'raw', `bs=${SECTOR}`, `count=${TABLE_SECTORS}`, `if=${disk}`, `of=${table}`];
  await runCommand(gate, { file: 'qemu-img', args, reason: 'read the partition table' });
  const partitions = parsePartitions(await readFile(table));
  const root = partitions.find(({ type }) => ROOT_TYPES.includes(type)) ?? largestLinux(partitions);
  if (root !== undefined) return root;
  throw new KilnError('IMAGE_INVALID', `${disk} has no root partition`, {
    hint: 'An image is a GPT disk with a partition of type "Linux root" or "Linux filesystem".',
  });
}

function largestLinux(partitions: readonly Partition[]): Partition | undefined {
  return partitions.filter(({ type }) => type === LINUX_TYPE).sort((left, right) => right.size - left.size)[0];
}

/** The used entries of a GPT, from the first 34 sectors of a disk. Empty when there is no GPT. */
export function parsePartitions(table: Buffer): Partition[] {
  if (table.toString('latin1', SECTOR, SECTOR + 8) !== 'EFI PART') return [];
  const count = table.readUInt32LE(SECTOR + 80);
  const length = table.readUInt32LE(SECTOR + 84);
  const partitions: Partition[] = [];
  for (let index = 0; index < count; index += 1) {
    const start = 2 * SECTOR + index * length;
    if (start + length > table.length) break;
    const entry = table.subarray(start, start + length);
    if (entry.subarray(0, 16).every((byte) => byte === 0)) continue;
    const first = Number(entry.readBigUInt64LE(32));
    const last = Number(entry.readBigUInt64LE(40));
    partitions.push({ type: readGuid(entry), offset: first * SECTOR, size: (last - first + 1) * SECTOR });
  }
  return partitions;
}

/** A GUID as it is written, from the mixed-endian form on disk. */
function readGuid(entry: Buffer): string {
  const little = [entry.readUInt32LE(0).toString(16).padStart(8, '0')];
  little.push(entry.readUInt16LE(4).toString(16).padStart(4, '0'), entry.readUInt16LE(6).toString(16).padStart(4, '0'));
  return [...little, entry.toString('hex', 8, 10), entry.toString('hex', 10, 16)].join('-');
}

async function requireExt4(file: string): Promise<void> {
  const handle = await open(file);
  try {
    const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, EXT_MAGIC.offset);
    if (EXT_MAGIC.bytes.every((byte, index) => buffer[index] === byte)) return;
  } finally {
    await handle.close();
  }
  throw new KilnError('IMAGE_INVALID', 'The root file system is not ext4, so its journal cannot be read after the boot');
}
