import { open } from 'node:fs/promises';

/** What the boot sector of a FAT says. */
export interface FatFacts {
  /** What it is formatted as. */
  kind: 'FAT32' | 'FAT12/16';
  clusters: number;
}

/**
 * Reads the boot sector of a FAT file system; `undefined` when there is none.
 *
 * @param offset bytes from the start of the disk
 * Source of the layout: Microsoft FAT specification, "BIOS Parameter Block".
 */
export async function readFat(disk: string, offset: number): Promise<FatFacts | undefined> {
  const handle = await open(disk, 'r');
  try {
    const { buffer } = await handle.read(Buffer.alloc(512), 0, 512, offset);
    return parseFat(buffer);
  } finally {
    await handle.close();
  }
}

function parseFat(sector: Buffer): FatFacts | undefined {
  const [bytesPerSector, sectorsPerCluster] = [sector.readUInt16LE(11), sector.readUInt8(13)];
  const isFat = sector.readUInt16LE(510) === 0xaa55 && bytesPerSector >= 512 && sectorsPerCluster > 0;
  if (!isFat) return undefined;
  const smallFat = sector.readUInt16LE(22);
  const fatSectors = smallFat || sector.readUInt32LE(36);
  const total = sector.readUInt16LE(19) || sector.readUInt32LE(32);
  const rootSectors = Math.ceil((sector.readUInt16LE(17) * 32) / bytesPerSector);
  const data = total - (sector.readUInt16LE(14) + sector.readUInt8(16) * fatSectors + rootSectors);
  return { kind: smallFat === 0 ? 'FAT32' : 'FAT12/16', clusters: Math.floor(data / sectorsPerCluster) };
}
