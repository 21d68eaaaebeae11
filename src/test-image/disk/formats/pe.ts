import { type FileHandle, open } from 'node:fs/promises';

/** A program of UEFI, which has the format of Windows': PE with named sections. */
export interface PeFile {
  /** 0x8664 is x86-64, 0xaa64 is arm64. */
  machine: number;
  /** An application started by UEFI. */
  efi: boolean;
  /** By name, such as `.initrd`; `size` without the padding. */
  sections: Record<string, { offset: number; size: number }>;
}

const SECTION_HEADER = 40;
const EFI_APPLICATION = 10;
/** Nobody links a program with more. */
const MOST_SECTIONS = 96;

/** Reads the headers of a PE file; `undefined` when it is none. Source: Microsoft's "PE Format". */
export async function readPe(file: string): Promise<PeFile | undefined> {
  const handle = await open(file, 'r');
  try {
    const start = (await readAt(handle, 0, 64)) ?? Buffer.alloc(64);
    if (start.toString('latin1', 0, 2) !== 'MZ') return undefined;
    const at = start.readUInt32LE(60);
    const header = await readAt(handle, at, 24 + 70);
    if (header?.toString('latin1', 0, 4) !== 'PE\0\0') return undefined;
    const count = header.readUInt16LE(6);
    const table = await readAt(
      handle,
      at + 24 + header.readUInt16LE(20),
      Math.min(count, MOST_SECTIONS) * SECTION_HEADER,
    );
    if (table === undefined) return undefined;
    return {
      machine: header.readUInt16LE(4),
      efi: header.readUInt16LE(24 + 68) === EFI_APPLICATION,
      sections: parseSections(table),
    };
  } finally {
    await handle.close();
  }
}

/** Text of one section, without the zeros that end it; `undefined` where there is none. */
export async function readPeText(file: string, pe: PeFile, name: string): Promise<string | undefined> {
  const section = pe.sections[name];
  if (section === undefined) return undefined;
  const handle = await open(file, 'r');
  try {
    const bytes = await readAt(handle, section.offset, section.size);
    return bytes?.toString('utf8').replace(/\0+$/, '');
  } finally {
    await handle.close();
  }
}

function parseSections(table: Buffer): PeFile['sections'] {
  const sections: PeFile['sections'] = {};
  for (let at = 0; at + SECTION_HEADER <= table.length; at += SECTION_HEADER) {
    const name = table.toString('latin1', at, at + 8).replace(/\0+$/, '');
    const [virtual, raw] = [table.readUInt32LE(at + 8), table.readUInt32LE(at + 16)];
    // What is in the file is padded to whole blocks; the size in memory is the true one.
    sections[name] ??= { offset: table.readUInt32LE(at + 20), size: Math.min(virtual || raw, raw) };
  }
  return sections;
}

async function readAt(handle: FileHandle, offset: number, length: number): Promise<Buffer | undefined> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
  return bytesRead === length ? buffer : undefined;
}
