import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';

/** Writes bytes to a file of its own and gives its path. */
export function fileOf(bytes: Buffer, name = 'file'): string {
  const file = path.join(temporaryFolder(), name);
  writeFileSync(file, bytes);
  return file;
}

/** A cpio archive (newc) with files of the given contents, and its trailer. */
export function cpio(files: Record<string, string | Buffer>): Buffer {
  return Buffer.concat(
    [...Object.entries({ ...files, 'TRAILER!!!': '' })].map(([name, body]) => member(name, body)),
  );
}

function member(name: string, content: string | Buffer): Buffer {
  const body = Buffer.from(content as string);
  const fields = [1, 0o100644, 0, 0, 1, 0, body.length, 0, 0, 0, 0, name.length + 1, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${name}\0`;
  return Buffer.concat([padded(Buffer.from(header)), padded(body)]);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

/** A PE file for UEFI with the given sections; nothing in it runs. */
export function pe(
  sections: Record<string, string | Buffer>,
  { machine = 0x8664, subsystem = 10 } = {},
): Buffer {
  const names = Object.keys(sections);
  const header = Buffer.alloc(0x400);
  header.write('MZ');
  header.writeUInt32LE(0x80, 60);
  header.write('PE\0\0', 0x80, 'latin1');
  header.writeUInt16LE(machine, 0x84);
  header.writeUInt16LE(names.length, 0x86);
  header.writeUInt16LE(240, 0x94);
  header.writeUInt16LE(0x20b, 0x98);
  header.writeUInt16LE(subsystem, 0x98 + 68);
  const bodies: Buffer[] = [];
  let at = header.length;
  for (const [index, name] of names.entries()) {
    const body = Buffer.from((sections[name] ?? '') as string);
    const raw = Math.ceil(body.length / 512) * 512;
    const entry = 0x98 + 240 + index * 40;
    header.write(name, entry, 'latin1');
    header.writeUInt32LE(body.length, entry + 8);
    header.writeUInt32LE(raw, entry + 16);
    header.writeUInt32LE(at, entry + 20);
    bodies.push(Buffer.concat([body, Buffer.alloc(raw - body.length)]));
    at += raw;
  }
  return Buffer.concat([header, ...bodies]);
}

const SECTOR = 512;
const ENTRIES = { count: 128, size: 128, sectors: 32 };

/** A disk of `sectors` sectors with both copies of a GPT of one entry. */
export function gptDisk(sectors = 4096): Buffer {
  const disk = Buffer.alloc(sectors * SECTOR);
  const entries = Buffer.alloc(ENTRIES.count * ENTRIES.size);
  entries.fill(0xab, 0, 48);
  entries.copy(disk, 2 * SECTOR);
  entries.copy(disk, (sectors - 1 - ENTRIES.sectors) * SECTOR);
  header(1, sectors - 1, 2, entries, sectors).copy(disk, SECTOR);
  header(sectors - 1, 1, sectors - 1 - ENTRIES.sectors, entries, sectors).copy(disk, (sectors - 1) * SECTOR);
  return disk;
}

function header(
  current: number,
  backup: number,
  entriesAt: number,
  entries: Buffer,
  sectors: number,
): Buffer {
  const bytes = Buffer.alloc(92);
  bytes.write('EFI PART\0\0\x01\0', 'latin1');
  bytes.writeUInt32LE(92, 12);
  for (const [at, value] of [
    [24, current],
    [32, backup],
    [40, 34],
    [48, sectors - 34],
    [72, entriesAt],
  ] as const)
    bytes.writeBigUInt64LE(BigInt(value), at);
  bytes.writeUInt32LE(ENTRIES.count, 80);
  bytes.writeUInt32LE(ENTRIES.size, 84);
  bytes.writeUInt32LE(crc32(entries), 88);
  bytes.writeUInt32LE(crc32(bytes), 16);
  return bytes;
}
