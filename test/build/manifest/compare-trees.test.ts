import test from 'ava';
import type { TreeEntry } from '../../../src/build/disk/list-tree.js';
import { compareTrees } from '../../../src/build/manifest/compare-trees.js';

function file(path: string, overrides: Partial<TreeEntry> = {}): TreeEntry {
  return { path, type: 'file', mode: '0644', uid: 0, gid: 0, size: 1, sha256: 'a', ...overrides };
}

test('equal trees have no difference, and every allowance is unused', (t) => {
  const allowance = { path: '/boot/**', reason: 'another boot loader' };
  const comparison = compareTrees([file('/a')], [file('/a')], [allowance]);
  t.deepEqual(comparison, { unexplained: [], explained: [], unused: [allowance] });
});

test('names what differs, by path', (t) => {
  const left = [file('/content'), file('/gone'), file('/mode'), file('/owner'), file('/type')];
  const right = [
    file('/added'),
    file('/content', { sha256: 'b' }),
    file('/mode', { mode: '4755' }),
    file('/owner', { uid: 7 }),
    { path: '/type', type: 'link', mode: '0777', uid: 0, gid: 0, target: '/x' } as const,
  ];
  t.deepEqual(compareTrees(left, right).unexplained, [
    { path: '/added', kind: 'only-right' },
    { path: '/content', kind: 'content', left: 'a', right: 'b' },
    { path: '/gone', kind: 'only-left' },
    { path: '/mode', kind: 'mode', left: '0644', right: '4755' },
    { path: '/owner', kind: 'owner', left: '0:0', right: '7:0' },
    { path: '/type', kind: 'type', left: 'file', right: 'link' },
  ]);
});

test('a link differs by its target, not by its mode', (t) => {
  const link: TreeEntry = { path: '/l', type: 'link', mode: '0777', uid: 0, gid: 0, target: 'a' };
  t.deepEqual(compareTrees([link], [{ ...link, mode: '0755' }]).unexplained, []);
  t.deepEqual(compareTrees([link], [{ ...link, target: 'b' }]).unexplained, [
    { path: '/l', kind: 'target', left: 'a', right: 'b' },
  ]);
});

test('allowances explain by glob, and the first that fits counts', (t) => {
  const allow = [
    { path: '/boot/*', reason: 'boot loader' },
    { path: '/boot/**', reason: 'deeper' },
  ];
  const { unexplained, explained, unused } = compareTrees(
    [file('/boot/vmlinuz'), file('/etc/x')],
    [file('/boot/efi/a'), file('/boot/efi/b')],
    allow,
  );
  t.deepEqual(unexplained, [{ path: '/etc/x', kind: 'only-left' }]);
  t.deepEqual(
    explained.map(({ reason, count }) => [reason, count]),
    [
      ['boot loader', 1],
      ['deeper', 2],
    ],
  );
  t.deepEqual(unused, []);
});
