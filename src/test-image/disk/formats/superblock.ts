import { open } from 'node:fs/promises';
import type { DiskPartition, RootFilesystem } from '../../../build/disk/read-partitions.js';

/** What a file system says of itself. */
export interface Superblock {
  /** Lower case, with dashes. */
  uuid: string;
  label: string;
  /** Why it is not clean, in words; empty when it is. */
  unclean: string[];
}

const EXT4 = {
  at: 1024,
  state: 0x3a,
  incompatible: 0x60,
  uuid: 0x68,
  label: 0x78,
  labelSize: 16,
  orphan: 0xe8,
};
/** Bits of ext4's state and of its incompatible features. */
const [CLEANLY_UNMOUNTED, HAS_ERRORS, NEEDS_RECOVERY] = [0x1, 0x2, 0x4];
const XFS = { uuid: 32, label: 108, labelSize: 12 };

/**
 * Reads the superblock of an ext4 or XFS partition. e2fsck -n calls a file system marked with errors clean when it finds
 * none itself, so the mark is read here. XFS keeps no such mark.
 *
 * Sources: kernel Documentation/filesystems/ext4/super.rst; XFS Filesystem Structure, "Superblocks".
 */
export async function readSuperblock(
  disk: string,
  partition: DiskPartition,
  filesystem: RootFilesystem,
): Promise<Superblock> {
  const handle = await open(disk, 'r');
  try {
    const start = partition.offset + (filesystem === 'ext4' ? EXT4.at : 0);
    const { buffer } = await handle.read(Buffer.alloc(512), 0, 512, start);
    return filesystem === 'ext4' ? parseExt4(buffer) : parseXfs(buffer);
  } finally {
    await handle.close();
  }
}

function parseExt4(bytes: Buffer): Superblock {
  const state = bytes.readUInt16LE(EXT4.state);
  const incompatible = bytes.readUInt32LE(EXT4.incompatible);
  return {
    uuid: uuidAt(bytes, EXT4.uuid),
    label: textAt(bytes, EXT4.label, EXT4.labelSize),
    unclean: [
      ...((state & HAS_ERRORS) === 0 ? [] : ['it is marked as having errors']),
      ...((state & CLEANLY_UNMOUNTED) === 0 ? ['it was not unmounted cleanly'] : []),
      ...((incompatible & NEEDS_RECOVERY) === 0 ? [] : ['its journal has to be replayed']),
      ...(bytes.readUInt32LE(EXT4.orphan) === 0
        ? []
        : ['it still lists deleted files that were in use when it was last unmounted']),
    ],
  };
}

function parseXfs(bytes: Buffer): Superblock {
  return { uuid: uuidAt(bytes, XFS.uuid), label: textAt(bytes, XFS.label, XFS.labelSize), unclean: [] };
}

function uuidAt(bytes: Buffer, at: number): string {
  const hex = bytes.toString('hex', at, at + 16);
  return [0, 8, 12, 16, 20].map((from, index, all) => hex.slice(from, all[index + 1])).join('-');
}

function textAt(bytes: Buffer, at: number, size: number): string {
  return bytes.toString('utf8', at, at + size).replace(/\0.*$/s, '');
}
