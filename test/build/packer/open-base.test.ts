import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { execa } from 'execa';
import { openBase, type PackerBase } from '../../../src/build/packer/open-base.js';
import { createGate } from '../../../src/gate/gate.js';
import { silentProgress } from '../../../src/progress.js';

const ESP = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B';

async function makeFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kiln-test-'));
  t.teardown(() => rm(folder, { recursive: true }));
  return folder;
}

async function makeDisk(folder: string, format: 'raw' | 'qcow2', layout: string): Promise<string> {
  const raw = path.join(folder, 'disk.raw');
  await execa('truncate', ['-s', '64M', raw]);
  await execa('sfdisk', ['--quiet', raw], { input: layout });
  if (format === 'raw') return raw;
  const disk = path.join(folder, 'disk.qcow2');
  await execa('qemu-img', ['convert', '-O', 'qcow2', raw, disk]);
  return disk;
}

function open(base: PackerBase, folder: string, changes: object = {}): ReturnType<typeof openBase> {
  return openBase({ gate: createGate({}), base, folder, progress: silentProgress, ...changes });
}

for (const format of ['raw', 'qcow2'] as const) {
  test(`a ${format} disk with an EFI system partition boots by UEFI`, async (t) => {
    const folder = await makeFolder(t);
    const file = await makeDisk(folder, format, `label: gpt\n: size=8MiB, type=${ESP}\n: type=linux\n`);
    t.deepEqual(await open({ file }, folder), { file, format, size: 64 * 2 ** 20, firmware: 'uefi' });
  });
}

test('a disk without one boots by BIOS, whichever its table', async (t) => {
  for (const label of ['dos', 'gpt']) {
    const folder = await makeFolder(t);
    const file = await makeDisk(folder, 'qcow2', `label: ${label}\n: type=linux\n`);
    t.is((await open({ file }, folder)).firmware, 'bios');
  }
});

test('a file that is no disk is refused', async (t) => {
  const folder = await makeFolder(t);
  const file = path.join(folder, 'notes.txt');
  await writeFile(file, 'not a disk\n'.repeat(1000));
  await t.throwsAsync(open({ file }, folder), {
    code: 'IMAGE_INVALID',
    message: `${file} is no disk image to start from: it has no partition table`,
  });
});

test('a missing file is named, with how to make one', async (t) => {
  const folder = await makeFolder(t);
  const error = await t.throwsAsync(open({ file: path.join(folder, 'none.qcow2') }, folder));
  t.like(error, { code: 'BASE_UNREACHABLE' });
  t.regex(error?.message ?? '', /none\.qcow2 cannot be read: ENOENT/);
});

test('a file with another digest than the lock says is refused, naming both', async (t) => {
  const folder = await makeFolder(t);
  const file = path.join(folder, 'base.raw');
  await writeFile(file, 'base');
  const digest = `sha256:${'0'.repeat(64)}`;
  await t.throwsAsync(open({ file, digest }, folder), {
    code: 'DIGEST_MISMATCH',
    message: /expected sha256:0{64}\n {2}actual {3}sha256:[0-9a-f]{64}$/,
  });
});

test('an official image out of reach names the address and both ways round it', async (t) => {
  const folder = await makeFolder(t);
  const url = 'https://images.invalid/debian.qcow2';
  const base = { url, digest: `sha512:${'a'.repeat(128)}` };
  const error = await t.throwsAsync(open(base, folder));
  t.like(error, {
    code: 'BASE_UNREACHABLE',
    hint: 'Give a downloaded image with --base FILE, or a mirror that holds it with --mirror DIR.',
  });
  t.true(error?.message.includes(`from ${url}`));
  await t.throwsAsync(open(base, folder, { offline: true }), {
    code: 'BASE_UNREACHABLE',
    message: /--offline is set/,
  });
});
