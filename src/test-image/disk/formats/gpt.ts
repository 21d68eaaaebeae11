import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

const SECTOR = 512;
const SIGNATURE = 'EFI PART';

interface Header {
  /** What is wrong with it; empty when it is sound. */
  problem: string;
  current: number;
  backup: number;
  entriesAt: number;
  entryCount: number;
  entrySize: number;
  entriesCrc: number;
  firstUsable: number;
  lastUsable: number;
  guid: string;
}

/** Whether the table is a GPT at all, and what is wrong with either of its copies. */
export interface GptState {
  gpt: boolean;
  problems: string[];
}

/**
 * Checks both copies of a disk's GPT: signature, place, checksums and that they agree. sfdisk and sgdisk end with status 0
 * on a broken backup, so their word is not enough. Sectors of 512 bytes.
 *
 * Source of the layout: UEFI specification 2.10 section 5.3.
 */
export async function readGptState(disk: string): Promise<GptState> {
  const handle = await open(disk, 'r');
  try {
    const { size } = await handle.stat();
    const last = Math.floor(size / SECTOR) - 1;
    const read = async (sector: number, length: number): Promise<Buffer> => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, sector * SECTOR);
      return buffer.subarray(0, bytesRead);
    };
    const [primary, backup] = [await readHeader(read, 1), await readHeader(read, last)];
    if (primary.problem === 'signature' && backup.problem === 'signature')
      return { gpt: false, problems: [] };
    return { gpt: true, problems: compare(primary, backup, last) };
  } finally {
    await handle.close();
  }
}

async function readHeader(
  read: (sector: number, length: number) => Promise<Buffer>,
  at: number,
): Promise<Header> {
  const bytes = await read(at, SECTOR);
  if (bytes.length < SECTOR || bytes.toString('latin1', 0, 8) !== SIGNATURE) return noHeader('signature');
  const size = bytes.readUInt32LE(12);
  if (size < 92 || size > SECTOR) return noHeader(`header of ${size} bytes`);
  const header: Header = {
    problem: '',
    current: Number(bytes.readBigUInt64LE(24)),
    backup: Number(bytes.readBigUInt64LE(32)),
    firstUsable: Number(bytes.readBigUInt64LE(40)),
    lastUsable: Number(bytes.readBigUInt64LE(48)),
    guid: bytes.toString('hex', 56, 72),
    entriesAt: Number(bytes.readBigUInt64LE(72)),
    entryCount: bytes.readUInt32LE(80),
    entrySize: bytes.readUInt32LE(84),
    entriesCrc: bytes.readUInt32LE(88),
  };
  const checksum = bytes.readUInt32LE(16);
  const unsigned = Buffer.from(bytes.subarray(0, size));
  unsigned.writeUInt32LE(0, 16);
  if (crc32(unsigned) !== checksum) return { ...header, problem: 'header checksum' };
  if (header.current !== at) return { ...header, problem: `says it is at sector ${header.current}` };
  const length = header.entryCount * header.entrySize;
  if (length > 1024 * 1024) return { ...header, problem: `table of ${length} bytes` };
  const entries = await read(header.entriesAt, length);
  if (crc32(entries) !== header.entriesCrc) return { ...header, problem: 'checksum of the table' };
  return header;
}

function noHeader(problem: string): Header {
  const zero = { current: 0, backup: 0, entriesAt: 0, entryCount: 0, entrySize: 0, entriesCrc: 0 };
  return { ...zero, problem, firstUsable: 0, lastUsable: 0, guid: '' };
}

function compare(primary: Header, backup: Header, last: number): string[] {
  const named = [
    ['primary', primary],
    ['backup', backup],
  ] as const;
  const broken = named.filter(([, { problem }]) => problem !== '');
  if (broken.length > 0) return broken.map(([name, { problem }]) => `the ${name} GPT is broken: ${problem}`);
  const problems: string[] = [];
  if (primary.backup !== last)
    problems.push(
      `the primary GPT says its backup is at sector ${primary.backup}, the disk's last is ${last}`,
    );
  if (backup.backup !== 1) problems.push(`the backup GPT says the primary is at sector ${backup.backup}`);
  const differs = (['entriesCrc', 'guid', 'firstUsable', 'lastUsable'] as const).filter(
    (key) => primary[key] !== backup[key],
  );
  if (differs.length > 0)
    problems.push(`the primary and the backup GPT do not agree (${differs.join(', ')})`);
  return problems;
}
