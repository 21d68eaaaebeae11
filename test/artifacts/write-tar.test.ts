import { execFileSync } from 'node:child_process';
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { type TarEntry, writeTar } from '../../src/artifacts/write-tar.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

test('same entries, same bytes: whatever their order, the dates of the files and the time of day', async (t) => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'program');
  writeFileSync(file, 'x'.repeat(100_000));
  const entries: TarEntry[] = [
    { path: 'bin/program', mode: 0o755, file },
    { path: 'a', mode: 0o644, content: 'text' },
    { path: 'empty', mode: 0o644, content: '' },
  ];
  const [one, two] = [path.join(folder, 'one.tgz'), path.join(folder, 'two.tgz')];
  await writeTar({ entries, to: one, mtime: 315_532_800, gzip: true });
  utimesSync(file, new Date(), new Date(0));
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await writeTar({ entries: entries.toReversed(), to: two, mtime: 315_532_800, gzip: true });
  t.deepEqual(readFileSync(one), readFileSync(two));
  const listing = execFileSync('tar', ['--utc', '-tvzf', one], { encoding: 'utf8' }).trim().split('\n');
  t.deepEqual(
    listing.map((line) => line.replace(/ +/g, ' ')),
    [
      '-rw-r--r-- root/root 4 1980-01-01 00:00 a',
      '-rwxr-xr-x root/root 100000 1980-01-01 00:00 bin/program',
      '-rw-r--r-- root/root 0 1980-01-01 00:00 empty',
    ],
  );
  t.is(execFileSync('tar', ['-xOzf', one, 'bin/program']).length, 100_000);
});
