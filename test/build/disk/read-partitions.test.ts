import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import {
  detectFilesystem,
  findRootPartition,
  parsePartitionTable,
} from '../../../src/build/disk/read-partitions.js';

const ESP = {
  start: 2048,
  size: 1024,
  type: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
  uuid: 'AA',
  name: 'esp',
};
const ROOT = { start: 4096, size: 8, type: '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709', uuid: 'BB', name: 'root' };
const LINUX = { start: 8192, size: 4096, type: '0FC63DAF-8483-4772-8E79-3D69D8477DE4', uuid: 'CC' };

function table(partitions: readonly object[], extra: object = {}): string {
  return JSON.stringify({ partitiontable: { label: 'gpt', partitions, ...extra } });
}

test('reads a GPT in bytes', (t) => {
  t.deepEqual(parsePartitionTable(table([ESP, ROOT], { sectorsize: 512 }))[1], {
    number: 2,
    offset: 4096 * 512,
    size: 8 * 512,
    type: '4f68bce3-e8cd-4db1-96e7-fbcaf984b709',
    uuid: 'bb',
    label: 'root',
  });
  t.is(parsePartitionTable(table([ROOT], { sectorsize: 4096 }))[0]?.offset, 4096 * 4096);
  t.deepEqual(parsePartitionTable(table([])), []);
});

test('the root is the partition typed so, else the largest Linux one', (t) => {
  const find = (partitions: readonly object[]) =>
    findRootPartition('d', parsePartitionTable(table(partitions))).number;
  t.is(find([ESP, ROOT, LINUX]), 2);
  t.is(find([ESP, { ...LINUX, size: 1 }, LINUX]), 3);
  t.is(find([{ start: 1, size: 1, type: '83' }]), 1);
  t.throws(() => find([ESP]), { code: 'IMAGE_INVALID', message: 'd has no root partition' });
});

test('knows ext4 and xfs by their magic numbers', async (t) => {
  const disk = path.join(mkdtempSync(path.join(tmpdir(), 'kiln-disk-')), 'disk.raw');
  const bytes = Buffer.alloc(16384);
  bytes.set([0x53, 0xef], 4096 + 1080);
  bytes.write('XFSB', 8192);
  writeFileSync(disk, bytes);
  const at = (offset: number) => ({ number: 1, offset, size: 4096, type: '', uuid: '', label: '' });
  t.is(await detectFilesystem(disk, at(4096)), 'ext4');
  t.is(await detectFilesystem(disk, at(8192)), 'xfs');
  await t.throwsAsync(detectFilesystem(disk, at(0)), { code: 'IMAGE_INVALID' });
});
