import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { readPartitions } from '../../../src/build/disk/read-partitions.js';
import { layOutDisk } from '../../../src/build/packer/lay-out-disk.js';
import { createGate } from '../../../src/gate/gate.js';

const MEBIBYTE = 2 ** 20;
const ROOT_UUID = '01234567-89ab-4def-8123-456789abcdef';

test('a disk with a loader and a root, readable without mounts', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'kiln-test-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const root = path.join(folder, 'root');
  await mkdir(path.join(root, 'etc'), { recursive: true });
  await writeFile(path.join(root, 'etc/fstab'), 'fstab\n');
  await writeFile(path.join(folder, 'loader'), 'loader\n');
  const disk = path.join(folder, 'disk.raw');
  const gate = createGate({});
  const esp = { 'EFI/BOOT/BOOTX64.EFI': path.join(folder, 'loader') };
  await layOutDisk({ gate, disk, root, rootUuid: ROOT_UUID, esp, diskMebibytes: 256, espMebibytes: 64 });

  const partitions = await readPartitions(gate, disk);
  t.deepEqual(
    partitions.map(({ label, offset, size }) => [label, offset / MEBIBYTE, size / MEBIBYTE]),
    [
      ['root', 65, 190],
      ['esp', 1, 64],
    ],
  );
  const loader = await execa('mtype', ['-i', `${disk}@@${MEBIBYTE}`, '::EFI/BOOT/BOOTX64.EFI']);
  t.is(loader.stdout, 'loader');
  const fstab = await execa('debugfs', ['-R', 'cat /etc/fstab', `${disk}?offset=${65 * MEBIBYTE}`]);
  t.is(fstab.stdout, 'fstab');
  const check = await execa('e2fsck', ['-fn', `${disk}?offset=${65 * MEBIBYTE}`], { reject: false });
  t.is(check.exitCode, 0, check.stdout);
});
