import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { listTree } from '../../../src/build/disk/list-tree.js';
import { type DiskTree, makeDiskTree } from '../../../src/test-image/disk/disk-tree.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

async function makeTree(): Promise<DiskTree> {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, 'usr/bin'), { recursive: true });
  mkdirSync(path.join(folder, 'etc/sysctl.d'), { recursive: true });
  writeFileSync(path.join(folder, 'usr/bin/tool'), 'tool');
  writeFileSync(path.join(folder, 'etc/sysctl.conf'), 'a = 1\n');
  symlinkSync('usr/bin', path.join(folder, 'bin'));
  symlinkSync('../sysctl.conf', path.join(folder, 'etc/sysctl.d/99-sysctl.conf'));
  symlinkSync('/etc/passwd', path.join(folder, 'etc/outside'));
  symlinkSync('/bin/tool', path.join(folder, 'etc/through'));
  symlinkSync('loop', path.join(folder, 'etc/loop'));
  return makeDiskTree(folder, await listTree(folder));
}

test('links in folders are followed, the last name only when resolved', async (t) => {
  const tree = await makeTree();
  t.is(tree.find('/bin/tool')?.path, '/usr/bin/tool');
  t.is(tree.find('/bin')?.type, 'link');
  t.is(tree.resolve('/bin')?.path, '/usr/bin');
  t.is(tree.find('/etc/sysctl.d/99-sysctl.conf')?.type, 'link');
  t.is(await tree.read('/etc/sysctl.d/99-sysctl.conf'), 'a = 1\n');
  t.is(await tree.read('/etc/through'), 'tool');
});

test("absolute links start at the disk's root and never lead to the host", async (t) => {
  const tree = await makeTree();
  t.is(tree.resolve('/etc/outside'), undefined);
  t.is(await tree.read('/etc/outside'), undefined);
});

test('a loop, and what is not there', async (t) => {
  const tree = await makeTree();
  t.is(tree.resolve('/etc/loop'), undefined);
  t.is(tree.find('/etc/nothing/here'), undefined);
  t.is(tree.find('/')?.type, 'directory');
});
