import { execFileSync } from 'node:child_process';
import { truncateSync } from 'node:fs';
import test from 'ava';
import { readPartitions } from '../../../../src/build/disk/read-partitions.js';
import { createGate } from '../../../../src/gate/gate.js';
import { partitionTable } from '../../../../src/test-image/disk/checks/partition-table.js';
import { fileOf } from '../formats/bytes.js';
import { makeDisk, told } from '../synthetic-disk.js';

const MEBIBYTE = 1024 ** 2;
const ROOT = '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709';
const ESP = 'size=8MiB,type=U,name=esp';

/** A disk with a table as sfdisk writes it, and a FAT at 1 MiB; `root` is the index of the root. */
async function check(
  lines: readonly string[],
  { label = 'gpt', fat = ['-F', '16', '-s', '1'], root = 1 } = {},
): Promise<string[]> {
  const disk = fileOf(Buffer.alloc(0));
  truncateSync(disk, 48 * MEBIBYTE);
  execFileSync('sfdisk', ['--quiet', disk], { input: `label: ${label}\n${lines.join('\n')}\n` });
  if (fat.length > 0)
    execFileSync('mkfs.vfat', [...fat, '-I', '--offset', '2048', disk, '8192'], { stdio: 'ignore' });
  const partitions = await readPartitions(createGate({}), disk);
  const found = partitions[root];
  if (found === undefined) throw new Error('no root');
  return told(await partitionTable.run(await makeDisk({ disk, partitions, root: found })));
}

test('a sound table', async (t) => {
  t.deepEqual(await check([ESP, `size=16MiB,type=${ROOT},name=root`]), []);
});

test('no EFI system partition', async (t) => {
  const problems = await check(['size=8MiB,type=L', `size=16MiB,type=${ROOT}`]);
  t.deepEqual(problems, [
    'EFI system partition: expected a partition of type c12a7328-f81f-11d2-ba4b-00a0c93ec93b, found none',
  ]);
});

test('an EFI system partition without a FAT, and one that firmware takes for FAT16', async (t) => {
  const lines = [ESP, `size=16MiB,type=${ROOT}`];
  t.deepEqual(await check(lines, { fat: [] }), ['partition esp: expected a FAT file system, found none']);
  const small = await check(lines, { fat: ['-F', '32', '-s', '1'] });
  t.regex(small[0] ?? '', /^partition esp: expected at least 65525 clusters in a FAT32, found \d+/);
});

test('a root of another machine', async (t) => {
  const problems = await check([ESP, 'size=16MiB,type=B921B045-1DF0-41C3-AF44-4C6F280D3FAE,name=root']);
  t.regex(problems[0] ?? '', /^partition root: expected a root of type 4f68bce3.* found b921b045/);
});

test('a partition behind the root keeps it from growing', async (t) => {
  const problems = await check([ESP, `size=16MiB,type=${ROOT},name=root`, 'size=8MiB,type=L,name=data']);
  t.deepEqual(problems, [
    'partition data: expected the root to be the last partition, found this one after it: the root cannot grow',
  ]);
});

test('a start between two MiB', async (t) => {
  const problems = await check([ESP, `start=20481,size=16MiB,type=${ROOT},name=root`]);
  t.deepEqual(problems, ['partition root: expected a start on a multiple of 1048576 bytes, found 10486272']);
});

test('an MBR table', async (t) => {
  const problems = await check(['size=8MiB,type=ef', 'size=16MiB,type=83'], { label: 'dos' });
  t.is(problems[0], 'partition table: expected a GPT, found another kind of table');
});
