import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import test from 'ava';
import { createGate } from '../../../../src/gate/gate.js';
import { listInitrd } from '../../../../src/test-image/disk/formats/list-initrd.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { cpio, fileOf } from './bytes.js';

const MICROCODE = cpio({ 'kernel/x86/microcode/AuthenticAMD.bin': 'early' });
const MAIN = cpio({ init: 'x', 'usr/lib/modules/6.1/kernel/fs/ext4.ko': 'y' });
const MODULES = cpio({ 'usr/lib/modules/6.1/kernel/nvme.ko': 'z' });
/** Larger than what is read at once, and not to be made smaller. */
const LARGE = cpio({ blob: randomBytes(3 * 1024 * 1024), 'after/the/blob': '' });

async function list(bytes: Buffer, work = temporaryFolder()): Promise<string[]> {
  const before = Buffer.from('something before');
  const file = fileOf(Buffer.concat([before, bytes, Buffer.from('and after')]));
  return [...(await listInitrd(createGate({}), { file, offset: before.length, size: bytes.length }, work))];
}

function tool(file: string, args: readonly string[], input: Buffer): Buffer {
  return execFileSync(file, args, { input });
}

for (const [name, pack] of [
  ['nothing', (bytes: Buffer) => bytes],
  ['zstd', (bytes: Buffer) => zstdCompressSync(bytes)],
  ['gzip', (bytes: Buffer) => gzipSync(bytes)],
] as const) {
  test(`packed with ${name}: early microcode, zeros, and two archives one after the other`, async (t) => {
    const bytes = [MICROCODE, Buffer.alloc(300), pack(MAIN), Buffer.alloc(3), pack(MODULES), Buffer.alloc(5)];
    t.deepEqual(await list(Buffer.concat(bytes)), [
      'kernel/x86/microcode/AuthenticAMD.bin',
      'init',
      'usr/lib/modules/6.1/kernel/fs/ext4.ko',
      'usr/lib/modules/6.1/kernel/nvme.ko',
    ]);
  });

  test(`packed with ${name}: larger than one read, another right behind it`, async (t) => {
    t.deepEqual(await list(Buffer.concat([pack(LARGE), pack(MAIN)])), [
      'blob',
      'after/the/blob',
      'init',
      'usr/lib/modules/6.1/kernel/fs/ext4.ko',
    ]);
  });

  test(`packed with ${name}: cut off`, async (t) => {
    const packed = pack(LARGE);
    await t.throwsAsync(list(packed.subarray(0, packed.length - 400)), {
      code: 'IMAGE_INVALID',
      message: /not whole/,
    });
  });
}

for (const [name, file, args] of [
  ['xz', 'xz', ['-c', '--check=crc32']],
  ['lz4, as the kernel wants it', 'lz4', ['-l', '-c', '-q']],
] as const) {
  test(`packed with ${name}, behind early microcode`, async (t) => {
    const work = temporaryFolder();
    const names = await list(Buffer.concat([MICROCODE, tool(file, args, MAIN)]), work);
    t.deepEqual(names.slice(1), ['init', 'usr/lib/modules/6.1/kernel/fs/ext4.ko']);
    t.deepEqual(readdirSync(work), []);
  });
}

test('something else altogether', async (t) => {
  await t.throwsAsync(list(Buffer.from('this is no archive at all')), { code: 'IMAGE_INVALID' });
});
