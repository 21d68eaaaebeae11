import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { sourceCommit } from '../../../src/build/packer/source-commit.js';
import { createGate } from '../../../src/gate/gate.js';
import { temporaryFolder } from '../../artifacts/temporary-cache.js';

test('the commit of a checkout; -dirty as soon as anything differs', async (t) => {
  const folder = temporaryFolder(t);
  const git = (...args: string[]) =>
    execa('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args]);
  await git('init', '--quiet');
  await writeFile(path.join(folder, 'a'), 'a');
  await git('add', 'a');
  await git('commit', '--quiet', '--message', 'a');
  const { stdout } = await git('rev-parse', 'HEAD');
  t.is(await sourceCommit(createGate({}), folder), stdout);
  await writeFile(path.join(folder, 'b'), 'b');
  t.is(await sourceCommit(createGate({}), folder), `${stdout}-dirty`);
});

test('no checkout, or one without a commit: no tag', async (t) => {
  const folder = temporaryFolder(t);
  t.is(await sourceCommit(createGate({}), folder), undefined);
  await execa('git', ['-C', folder, 'init', '--quiet']);
  t.is(await sourceCommit(createGate({}), folder), undefined);
});
