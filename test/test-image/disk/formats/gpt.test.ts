import { execFileSync } from 'node:child_process';
import test from 'ava';
import { readGptState } from '../../../../src/test-image/disk/formats/gpt.js';
import { fileOf, gptDisk } from './bytes.js';

const SECTORS = 4096;
const SECTOR = 512;

test('two sound copies have nothing to say', async (t) => {
  t.deepEqual(await readGptState(fileOf(gptDisk(SECTORS))), { gpt: true, problems: [] });
});

test('so has the table sfdisk writes', async (t) => {
  const disk = fileOf(Buffer.alloc(8 * 1024 * 1024));
  execFileSync('sfdisk', ['--quiet', disk], { input: 'label: gpt\nsize=1MiB,type=U\nsize=2MiB,type=L\n' });
  t.deepEqual(await readGptState(disk), { gpt: true, problems: [] });
});

for (const [what, at, message] of [
  ['backup header', (SECTORS - 1) * SECTOR, 'the backup GPT is broken: signature'],
  ['backup header field', (SECTORS - 1) * SECTOR + 40, 'the backup GPT is broken: header checksum'],
  ['backup entries', (SECTORS - 33) * SECTOR, 'the backup GPT is broken: checksum of the table'],
  ['primary header', SECTOR, 'the primary GPT is broken: signature'],
  ['primary entries', 2 * SECTOR, 'the primary GPT is broken: checksum of the table'],
] as const) {
  test(`a destroyed ${what} is named`, async (t) => {
    const disk = gptDisk(SECTORS);
    disk.writeUInt32LE(0xdeadbeef, at);
    t.deepEqual((await readGptState(fileOf(disk))).problems, [message]);
  });
}

test('a disk made larger has its backup in the wrong place', async (t) => {
  const { problems } = await readGptState(
    fileOf(Buffer.concat([gptDisk(SECTORS), Buffer.alloc(SECTOR * 8)])),
  );
  t.deepEqual(problems, ['the backup GPT is broken: signature']);
});

test('a copy that was cut off lost its backup', async (t) => {
  const { problems } = await readGptState(fileOf(gptDisk(SECTORS).subarray(0, 2048 * SECTOR)));
  t.deepEqual(problems, ['the backup GPT is broken: signature']);
});

test('a disk without any is no GPT', async (t) => {
  t.deepEqual(await readGptState(fileOf(Buffer.alloc(SECTOR * 64))), { gpt: false, problems: [] });
});
