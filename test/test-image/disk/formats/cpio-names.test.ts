import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { CpioNames } from '../../../../src/test-image/disk/formats/cpio-names.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { cpio } from './bytes.js';

/** Fed in pieces of one size, as a stream may come. */
function read(bytes: Buffer, size = bytes.length): CpioNames {
  const archive = new CpioNames();
  for (let at = 0; at < bytes.length && !archive.stopped; at += size)
    archive.push(bytes.subarray(at, at + size));
  return archive;
}

const TWO = Buffer.concat([
  cpio({ 'kernel/x86/microcode/GenuineIntel.bin': 'abcde' }),
  Buffer.alloc(512),
  cpio({ './usr/lib/modules/6.1/a.ko': '070701 inside', 'etc/os-release': '' }),
]);
const NAMES = ['kernel/x86/microcode/GenuineIntel.bin', 'usr/lib/modules/6.1/a.ko', 'etc/os-release'];

for (const size of [1, 3, 7, 110, 4096]) {
  test(`two archives with zeros between them, in pieces of ${size}`, (t) => {
    const archive = read(TWO, size);
    t.deepEqual([...archive.names], NAMES);
    t.true(archive.atRest);
    t.is(archive.consumed, TWO.length);
  });

  test(`stops where something else begins, in pieces of ${size}`, (t) => {
    const archive = read(Buffer.concat([TWO, Buffer.from('(zstd here)')]), size);
    t.true(archive.stopped);
    t.is(archive.consumed, TWO.length);
  });
}

test('a cut off archive is not at rest', (t) => {
  t.false(read(TWO.subarray(0, TWO.length - 150)).atRest);
  t.false(read(TWO.subarray(0, 130)).atRest);
});

test('reads what cpio writes', (t) => {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, 'lib'));
  writeFileSync(path.join(folder, 'lib', 'x'), 'hello');
  const bytes = execFileSync('cpio', ['--quiet', '-o', '-H', 'newc'], { cwd: folder, input: 'lib\nlib/x\n' });
  const archive = read(bytes);
  t.deepEqual([...archive.names], ['lib', 'lib/x']);
  t.true(archive.atRest);
});
