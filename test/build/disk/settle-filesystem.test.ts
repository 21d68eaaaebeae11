import { execFile } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { settleFilesystem } from '../../../src/build/disk/settle-filesystem.js';
import { createGate } from '../../../src/gate/gate.js';

const run = promisify(execFile);
const MEBIBYTE = 2 ** 20;

test('a file that was deleted while still open is freed, and the file system is clean', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'kiln-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const disk = path.join(folder, 'disk.raw');
  await writeFile(disk, '');
  await truncate(disk, 12 * MEBIBYTE);
  const table = run('sfdisk', ['--quiet', disk]);
  table.child.stdin?.end('label: gpt\nstart=2048,size=20480,type=4f68bce3-e8cd-4db1-96e7-fbcaf984b709\n');
  await table;
  await writeFile(path.join(folder, 'held'), 'x'.repeat(5000));
  await run('mkfs.ext4', ['-q', '-E', `offset=${MEBIBYTE}`, disk, '10M']);
  const device = `${disk}?offset=${MEBIBYTE}`;
  await run('debugfs', ['-w', '-R', `write ${path.join(folder, 'held')} held`, device]);
  // As the kernel leaves it: no name any more, and on the list of files to free.
  for (const request of [
    'set_inode_field <12> links_count 0',
    'set_inode_field <12> dtime 0',
    'unlink held',
    'set_super_value last_orphan 12',
  ]) {
    await run('debugfs', ['-w', '-R', request, device]);
  }
  await t.throwsAsync(run('e2fsck', ['-fn', device]), { message: /e2fsck/ });
  await settleFilesystem(createGate({}), disk);
  await t.notThrowsAsync(run('e2fsck', ['-fn', device]));
});
