import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { listTree } from '../../../src/build/disk/list-tree.js';
import { withDiskTree } from '../../../src/build/disk/with-disk-tree.js';
import { createGate } from '../../../src/gate/gate.js';

const MEBIBYTE = 1024 * 1024;
const ROOT_TYPE = '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709';

/** A 48 MiB GPT disk whose second partition is an ext4 with a few telling files. Needs root, as does reading it. */
function makeDisk(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'kiln-test-disk-'));
  const tree = path.join(folder, 'tree');
  mkdirSync(path.join(tree, 'bin'), { recursive: true });
  mkdirSync(path.join(tree, 'tmp'));
  chmodSync(path.join(tree, 'tmp'), 0o1777);
  writeFileSync(path.join(tree, 'bin', 'sudo'), 'x');
  chmodSync(path.join(tree, 'bin', 'sudo'), 0o4755);
  symlinkSync('/etc/passwd', path.join(tree, 'passwd'));
  const disk = path.join(folder, 'disk.raw');
  writeFileSync(disk, '');
  truncateSync(disk, 48 * MEBIBYTE);
  const table = `label: gpt\nsize=4MiB,type=U\nsize=32MiB,type=${ROOT_TYPE}\n`;
  execFileSync('sfdisk', ['--quiet', disk], { input: table });
  execFileSync('mkfs.ext4', ['-q', '-d', tree, '-E', `offset=${5 * MEBIBYTE},root_owner=0:0`, disk, '32M']);
  return disk;
}

/** What is left of looking into a disk of this file: mounts of the host, and loop devices. */
function leftovers(): string[] {
  const lines = [readFileSync('/proc/self/mounts', 'utf8'), execFileSync('losetup', ['--all']).toString()];
  return lines.flatMap((text) => text.split('\n')).filter((line) => line.includes(tmpdir()));
}

test.serial('shows the root with every mode and link, and leaves no mount', async (t) => {
  const disk = makeDisk();
  const bytes = readFileSync(disk);
  let during = '';
  const entries = await withDiskTree(createGate({}), disk, async (tree) => {
    during = tree;
    return listTree(tree);
  });
  t.deepEqual(
    entries
      ?.filter(({ path: name }) => name !== '/lost+found')
      .map(({ path: name, mode, target }) => [name, mode, target]),
    [
      ['/', '0755', undefined],
      ['/bin', '0755', undefined],
      ['/bin/sudo', '4755', undefined],
      ['/passwd', '0777', '/etc/passwd'],
      ['/tmp', '1777', undefined],
    ],
  );
  t.deepEqual(leftovers(), []);
  t.false(existsSync(during));
  t.true(readFileSync(disk).equals(bytes), 'reading changed the disk');
});

test.serial('a failing callback leaves no mount either', async (t) => {
  const failing = withDiskTree(createGate({}), makeDisk(), async () => {
    throw new Error('boom');
  });
  await t.throwsAsync(failing, { message: 'boom' });
  t.deepEqual(leftovers(), []);
});

test.serial('an interrupt leaves no mount either', async (t) => {
  const controller = new AbortController();
  const gate = createGate({ signal: controller.signal });
  await withDiskTree(gate, makeDisk(), async () => controller.abort(new Error('stop'))).catch(() => {});
  t.deepEqual(leftovers(), []);
});

test.serial('a disk without a root is refused', async (t) => {
  const disk = makeDisk();
  execFileSync('sfdisk', ['--quiet', '--delete', disk, '2']);
  await t.throwsAsync(withDiskTree(createGate({}), disk, listTree), { code: 'IMAGE_INVALID' });
});
