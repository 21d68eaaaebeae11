import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { listTree } from '../../../src/build/disk/list-tree.js';

function makeTree(): string {
  const tree = mkdtempSync(path.join(tmpdir(), 'kiln-tree-'));
  chmodSync(tree, 0o755);
  mkdirSync(path.join(tree, 'a'), { mode: 0o755 });
  writeFileSync(path.join(tree, 'a', 'x'), 'hello');
  writeFileSync(path.join(tree, 'a-b'), '');
  chmodSync(path.join(tree, 'a', 'x'), 0o4755);
  chmodSync(path.join(tree, 'a-b'), 0o640);
  symlinkSync('/nowhere', path.join(tree, 'link'));
  return tree;
}

test('lists every path with type, mode, owner, size, digest and target, sorted', async (t) => {
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const entries = await listTree(makeTree());
  t.deepEqual(
    entries.map(({ path: name }) => name),
    ['/', '/a', '/a-b', '/a/x', '/link'],
  );
  t.deepEqual(entries.slice(1), [
    { path: '/a', type: 'directory', mode: '0755', ...owner },
    { path: '/a-b', type: 'file', mode: '0640', ...owner, size: 0, sha256: sha256('') },
    { path: '/a/x', type: 'file', mode: '4755', ...owner, size: 5, sha256: sha256('hello') },
    { path: '/link', type: 'link', mode: '0777', ...owner, target: '/nowhere' },
  ]);
});

test('hashes files larger than one read', async (t) => {
  const tree = mkdtempSync(path.join(tmpdir(), 'kiln-tree-'));
  const size = 3 * 1024 * 1024 + 1;
  writeFileSync(path.join(tree, 'zeros'), '');
  truncateSync(path.join(tree, 'zeros'), size);
  const entry = (await listTree(tree)).find(({ path: name }) => name === '/zeros');
  t.is(entry?.size, size);
  t.is(entry?.sha256, createHash('sha256').update(Buffer.alloc(size)).digest('hex'));
});

test('stops when interrupted', async (t) => {
  const tree = mkdtempSync(path.join(tmpdir(), 'kiln-tree-'));
  for (let index = 0; index < 300; index += 1) writeFileSync(path.join(tree, String(index)), '');
  await t.throwsAsync(listTree(tree, { signal: AbortSignal.abort(new Error('stopped')) }), {
    message: 'stopped',
  });
});
