import { execFileSync } from 'node:child_process';
import { truncateSync } from 'node:fs';
import test from 'ava';
import { readFat } from '../../../../src/test-image/disk/formats/fat.js';
import { fileOf } from './bytes.js';

const MEBIBYTE = 1024 * 1024;

/** The clusters fsck.fat counts. */
function format(mebibytes: number, options: readonly string[]): { disk: string; clusters: number } {
  const disk = fileOf(Buffer.alloc(0));
  truncateSync(disk, mebibytes * MEBIBYTE);
  execFileSync('mkfs.vfat', [...options, disk], { stdio: 'ignore' });
  const report = execFileSync('fsck.fat', ['-n', disk]).toString();
  return { disk, clusters: Number(/\d+\/(\d+) clusters/.exec(report)?.[1]) };
}

test('counts the clusters of a FAT16 and of a FAT32 as fsck.fat does', async (t) => {
  const small = format(64, ['-F', '16']);
  t.deepEqual(await readFat(small.disk, 0), { kind: 'FAT12/16', clusters: small.clusters });
  const large = format(300, ['-F', '32', '-s', '1']);
  t.deepEqual(await readFat(large.disk, 0), { kind: 'FAT32', clusters: large.clusters });
});

test('what is no FAT is none', async (t) => {
  t.is(await readFat(fileOf(Buffer.alloc(4096)), 512), undefined);
});
