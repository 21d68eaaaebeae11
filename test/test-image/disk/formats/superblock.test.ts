import { execFileSync } from 'node:child_process';
import test from 'ava';
import { readSuperblock } from '../../../../src/test-image/disk/formats/superblock.js';
import { fileOf } from './bytes.js';

const UUID = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';
const PARTITION = { number: 1, offset: 1024 * 1024, size: 8 * 1024 * 1024, type: '', uuid: '', label: '' };

function makeExt4(): string {
  const disk = fileOf(Buffer.alloc(PARTITION.offset + PARTITION.size));
  const options = ['-q', '-L', 'root', '-U', UUID, '-E', `offset=${PARTITION.offset}`, disk, '8M'];
  execFileSync('mkfs.ext4', options);
  return disk;
}

test('ext4: UUID and label, and nothing to complain about', async (t) => {
  const superblock = await readSuperblock(makeExt4(), PARTITION, 'ext4');
  t.deepEqual(superblock, { uuid: UUID, label: 'root', unclean: [] });
});

for (const [request, message] of [
  ['set_super_value state 3', /marked as having errors/],
  ['set_super_value state 0', /not unmounted cleanly/],
  ['feature needs_recovery', /journal has to be replayed/],
  ['set_super_value last_orphan 12', /deleted files that were in use/],
] as const) {
  test(`ext4: ${request} is not clean`, async (t) => {
    const disk = makeExt4();
    execFileSync('debugfs', ['-w', '-R', request, `${disk}?offset=${PARTITION.offset}`], { stdio: 'ignore' });
    const { unclean } = await readSuperblock(disk, PARTITION, 'ext4');
    t.is(unclean.length, 1);
    t.regex(unclean[0] ?? '', message);
  });
}

test('xfs: UUID and label', async (t) => {
  const disk = Buffer.alloc(PARTITION.offset + 4096);
  disk.write('XFSB', PARTITION.offset);
  disk.write(UUID.replaceAll('-', ''), PARTITION.offset + 32, 'hex');
  disk.write('rocky', PARTITION.offset + 108);
  const superblock = await readSuperblock(fileOf(disk), PARTITION, 'xfs');
  t.deepEqual(superblock, { uuid: UUID, label: 'rocky', unclean: [] });
});
