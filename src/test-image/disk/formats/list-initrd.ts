import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { KilnError } from '../../../errors.js';
import type { Gate } from '../../../gate/gate.js';
import { runCommand } from '../../../gate/run-command.js';
import { CpioNames } from './cpio-names.js';
import { decompressOne } from './decompress-one.js';

const CHUNK = 1024 * 1024;
/** What begins a compressed archive. Source: kernel lib/decompress.c, zstd's and lz4's format documents. */
const COMPRESSIONS = [
  { name: 'zstd', magic: '28b52ffd' },
  { name: 'gzip', magic: '1f8b' },
  { name: 'xz', magic: 'fd377a585a00' },
  { name: 'lz4', magic: '02214c18' },
  { name: 'bzip2', magic: '425a68' },
] as const;
/** How to unpack a file beside itself with a tool, for what Node cannot: `-q` to say nothing. */
const TOOLS = {
  xz: (from: string, to: string) => ({ file: 'xz', args: ['-d', '-q', '--single-stream', from], out: to }),
  lz4: (from: string, to: string) => ({ file: 'lz4', args: ['-d', '-q', '-f', from, to], out: to }),
  bzip2: (from: string, to: string) => ({ file: 'bzip2', args: ['-d', '-q', from], out: to }),
};
const SUFFIXES = { xz: '.xz', lz4: '.lz4', bzip2: '.bz2' };

/**
 * Names of all files in an initial RAM disk: cpio archives one after the other, each plain (as early microcode is) or
 * compressed. What zstd and gzip wrote may be followed by more; what xz, lz4 and bzip2 wrote is taken to be the last.
 *
 * @param work a folder for what has to be unpacked with a tool
 * @throws KilnError IMAGE_INVALID when it ends early or is something else; TOOL_MISSING.
 */
export async function listInitrd(
  gate: Gate,
  { file, offset, size }: { file: string; offset: number; size: number },
  work: string,
): Promise<Set<string>> {
  const names = new Set<string>();
  const end = offset + size;
  for (let at = await nextByte(file, offset, end); at < end; at = await nextByte(file, at, end)) {
    const archive = new CpioNames();
    const compression = await compressionAt(file, at);
    if (compression === undefined) at += await readPlain(archive, file, at, end);
    else if (compression === 'zstd' || compression === 'gzip') {
      const stream = compression === 'zstd' ? createZstdDecompress() : createGunzip();
      at += await decompressOne(
        createReadStream(file, { start: at, end: end - 1, highWaterMark: CHUNK }),
        stream,
        archive,
      );
    } else {
      await readWithTool(gate, compression, archive, { file, at, end, work });
      at = end;
    }
    if (!archive.atRest || archive.names.size === 0) throw broken(file, compression);
    for (const name of archive.names) names.add(name);
  }
  return names;
}

/** Bytes of the plain archives at `at`. */
async function readPlain(archive: CpioNames, file: string, at: number, end: number): Promise<number> {
  for await (const chunk of createReadStream(file, { start: at, end: end - 1, highWaterMark: CHUNK })) {
    archive.push(chunk as Buffer);
    if (archive.stopped) break;
  }
  return archive.consumed;
}

async function readWithTool(
  gate: Gate,
  compression: keyof typeof TOOLS,
  archive: CpioNames,
  { file, at, end, work }: { file: string; at: number; end: number; work: string },
): Promise<void> {
  const unpacked = path.join(work, 'initrd-segment');
  const packed = `${unpacked}${SUFFIXES[compression]}`;
  await pipeline(createReadStream(file, { start: at, end: end - 1 }), createWriteStream(packed));
  const { file: tool, args, out } = TOOLS[compression](packed, unpacked);
  await runCommand(gate, { file: tool, args, reason: 'read the initial RAM disk' });
  for await (const chunk of createReadStream(out, { highWaterMark: CHUNK })) archive.push(chunk as Buffer);
  await rm(packed, { force: true });
  await rm(unpacked, { force: true });
}

/** Where the zeros end that may lie between archives. */
async function nextByte(file: string, from: number, end: number): Promise<number> {
  let at = from;
  if (at >= end) return end;
  for await (const chunk of createReadStream(file, { start: at, end: end - 1, highWaterMark: 4096 })) {
    const found = (chunk as Buffer).findIndex((byte) => byte !== 0);
    if (found >= 0) return at + found;
    at += (chunk as Buffer).length;
  }
  return end;
}

async function compressionAt(
  file: string,
  at: number,
): Promise<(typeof COMPRESSIONS)[number]['name'] | undefined> {
  const handle = await open(file, 'r');
  try {
    const { buffer } = await handle.read(Buffer.alloc(8), 0, 8, at);
    const start = buffer.toString('hex');
    return COMPRESSIONS.find(({ magic }) => start.startsWith(magic))?.name;
  } finally {
    await handle.close();
  }
}

function broken(file: string, compression: string | undefined): KilnError {
  const what = compression === undefined ? 'a cpio archive' : `cpio packed with ${compression}`;
  return new KilnError(
    'IMAGE_INVALID',
    `The initial RAM disk in ${path.basename(file)} is not whole: not ${what}`,
    {
      hint: 'Bake the image again; an initial RAM disk that ends early stops the boot.',
    },
  );
}
