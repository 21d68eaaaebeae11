import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { readPe } from '../../../src/test-image/disk/formats/pe.js';

/** What engines pack an initial RAM disk with. */
const PACKERS = [
  { magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), pack: zstdCompressSync, unpack: zstdDecompressSync },
  { magic: Buffer.from([0x1f, 0x8b, 0x08]), pack: gzipSync, unpack: gunzipSync },
];
const SECTOR = 512;

/** Tools that change a copy of a disk where it lies, without a mount. */
export interface DiskBreaker {
  /** Runs requests of debugfs on the root. */
  debugfs(...requests: string[]): void;
  /** Puts a file on the root. */
  write(target: string, content: string, mode?: string): void;
  mtools(command: string, ...args: string[]): void;
  copyFromFirmware(name: string, to: string): void;
  zero(offset: number, length: number): void;
}

export function diskBreaker(disk: string, { root, esp }: { root: number; esp: number }): DiskBreaker {
  const folder = path.dirname(disk);
  const debugfs = (...requests: string[]) => {
    const script = path.join(folder, 'requests');
    writeFileSync(script, `${requests.join('\n')}\n`);
    execFileSync('debugfs', ['-w', '-f', script, `${disk}?offset=${root}`], { stdio: 'ignore' });
  };
  const mtools = (command: string, ...args: string[]) => {
    execFileSync(command, ['-i', `${disk}@@${esp}`, ...args], { stdio: 'ignore' });
  };
  return {
    debugfs,
    mtools,
    write(target, content, mode = '0100644') {
      const source = path.join(folder, 'content');
      writeFileSync(source, content);
      debugfs(
        `rm ${target}`,
        `write ${source} ${target}`,
        `sif ${target} mode ${mode}`,
        `sif ${target} uid 0`,
      );
    },
    copyFromFirmware: (name, to) => mtools('mcopy', `::/${name}`, to),
    zero(offset, length) {
      const handle = openSync(disk, 'r+');
      writeSync(handle, Buffer.alloc(length), 0, length, offset);
      closeSync(handle);
    },
  };
}

/** Where the header of the second GPT is: the last sector. */
export function lastSector(disk: string): number {
  return statSync(disk).size - SECTOR;
}

/** Takes one driver out of a unified kernel's initial RAM disk: the file stays, under a name that is no module's. */
export async function removeDriver(file: string, name: string): Promise<void> {
  const bytes = readFileSync(file);
  const initrd = (await readPe(file))?.sections['.initrd'];
  if (initrd === undefined) throw new Error(`${file} has no initial RAM disk`);
  const packed = bytes.subarray(initrd.offset, initrd.offset + initrd.size);
  for (const { magic, pack, unpack } of PACKERS) {
    // Several archives, each packed for itself, may follow each other on multiples of four; the last has the drivers.
    const starts = findAll(packed, magic).filter((at) => at % 4 === 0);
    for (const start of starts.reverse()) {
      const plain = attempt(() => unpack(packed.subarray(start)));
      const at = plain?.indexOf(`/${name}.ko`) ?? -1;
      if (plain === undefined || at < 0) continue;
      plain.write('gone', at + 1, 'latin1');
      const changed = Buffer.concat([packed.subarray(0, start), pack(plain)]);
      writeFileSync(file, replaceSection(bytes, initrd.offset, changed));
      return;
    }
  }
  throw new Error(`${file} has no driver ${name}`);
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** The initial RAM disk is the last section, so it may become longer or shorter. */
function replaceSection(bytes: Buffer, offset: number, content: Buffer): Buffer {
  const padded = Buffer.concat([content, Buffer.alloc((SECTOR - (content.length % SECTOR)) % SECTOR)]);
  const head = Buffer.from(bytes.subarray(0, offset));
  const entry = head.indexOf('.initrd\0', 0, 'latin1');
  head.writeUInt32LE(content.length, entry + 8);
  head.writeUInt32LE(padded.length, entry + 16);
  return Buffer.concat([head, padded]);
}

function findAll(bytes: Buffer, wanted: Buffer): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1)) found.push(at);
  return found;
}
