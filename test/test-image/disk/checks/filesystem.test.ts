import { execFileSync } from 'node:child_process';
import { truncateSync } from 'node:fs';
import test from 'ava';
import { filesystem } from '../../../../src/test-image/disk/checks/filesystem.js';
import { fileOf } from '../formats/bytes.js';
import { makeDisk, told } from '../synthetic-disk.js';

const MEBIBYTE = 1024 ** 2;
const ROOT = { number: 1, offset: MEBIBYTE, size: 8 * MEBIBYTE, type: '', uuid: '', label: 'root' };

async function checkExt4(request?: string): Promise<string[]> {
  const disk = fileOf(Buffer.alloc(ROOT.offset + ROOT.size));
  execFileSync('mkfs.ext4', ['-q', '-E', `offset=${ROOT.offset}`, disk, '8M']);
  if (request !== undefined)
    execFileSync('debugfs', ['-w', '-R', request, `${disk}?offset=${ROOT.offset}`], { stdio: 'ignore' });
  return told(await filesystem.run(await makeDisk({ disk, root: ROOT })));
}

test('a new ext4 is clean', async (t) => {
  t.deepEqual(await checkExt4(), []);
});

test('a mark that e2fsck -n does not mention is named', async (t) => {
  t.deepEqual(await checkExt4('set_super_value state 3'), [
    'ext4 of the root: it is marked as having errors',
  ]);
});

test('what e2fsck finds is told', async (t) => {
  const problems = await checkExt4('set_inode_field lost+found links_count 9');
  t.is(problems.length, 1);
  t.regex(problems[0] ?? '', /^ext4 of the root: e2fsck found errors: .*ref count is 9/);
});

test('xfs: clean, and broken', async (t) => {
  const root = { ...ROOT, size: 300 * MEBIBYTE };
  const [file, disk] = [fileOf(Buffer.alloc(0)), fileOf(Buffer.alloc(0))];
  truncateSync(file, root.size);
  truncateSync(disk, root.offset + root.size);
  execFileSync('mkfs.xfs', ['-q', file]);
  const place = () =>
    execFileSync('dd', [`if=${file}`, `of=${disk}`, 'bs=1M', 'seek=1', 'conv=sparse,notrunc'], {
      stdio: 'ignore',
    });
  place();
  const check = async () => told(await filesystem.run(await makeDisk({ disk, root, filesystem: 'xfs' })));
  t.deepEqual(await check(), []);
  execFileSync('xfs_db', ['-x', '-f', '-c', 'agf 0', '-c', 'write -d freeblks 1', file], { stdio: 'ignore' });
  place();
  t.regex((await check())[0] ?? '', /^xfs of the root: xfs_repair found errors: /);
});
