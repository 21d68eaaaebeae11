import test from 'ava';
import type { TreeEntry } from '../../../src/build/disk/list-tree.js';
import { compareManifests } from '../../../src/build/manifest/compare-manifests.js';
import { type Manifest, makeManifest } from '../../../src/build/manifest/make-manifest.js';
import { resolveLock } from '../../../src/lock/resolve-lock.js';
import { planOf, specOf } from '../../helpers/plans.js';

const plan = planOf('debian12');
const lock = resolveLock(specOf('debian12'));

function manifest(changes: Partial<Manifest> = {}): Manifest {
  return {
    ...makeManifest({
      plan,
      lock,
      engine: 'mkosi',
      tools: {},
      packages: [],
      files: [],
      disk: { size: 1000, sha256: '0'.repeat(64) },
    }),
    ...changes,
  };
}

function file(path: string, size: number, sha256: string, mode = '0644'): TreeEntry {
  return { path, type: 'file', mode, uid: 0, gid: 0, size, sha256 };
}

const NONE = { added: [], removed: [], changed: [] };

test('equal images have no difference', (t) => {
  const one = manifest({ files: [file('/a', 1, 'a')] });
  const { samePlan, packages, artifacts, files } = compareManifests(one, one);
  t.true(samePlan);
  t.deepEqual([packages, artifacts, files], [NONE, NONE, NONE]);
});

test('packages: added, removed, changed, each by name', (t) => {
  const architecture = 'amd64';
  const before = manifest({
    packages: [
      { name: 'bash', version: '5.1', architecture },
      { name: 'gone', version: '1', architecture },
      { name: 'same', version: '1', architecture },
    ],
  });
  const after = manifest({
    packages: [
      { name: 'bash', version: '5.2', architecture },
      { name: 'new', version: '2', architecture },
      { name: 'same', version: '1', architecture },
    ],
  });
  t.deepEqual(compareManifests(before, after).packages, {
    added: [{ name: 'new', before: '', after: '2' }],
    removed: [{ name: 'gone', before: '1', after: '' }],
    changed: [{ name: 'bash', before: '5.1', after: '5.2' }],
  });
});

test('a name may come in several architectures and versions', (t) => {
  const before = manifest({
    packages: [
      { name: 'kernel', version: '2', architecture: 'amd64' },
      { name: 'kernel', version: '1', architecture: 'amd64' },
      { name: 'libc6', version: '2.36', architecture: 'amd64' },
      { name: 'libc6', version: '2.36', architecture: 'i386' },
    ],
  });
  const after = manifest({
    packages: [
      { name: 'kernel', version: '3', architecture: 'amd64' },
      { name: 'kernel', version: '2', architecture: 'amd64' },
      { name: 'libc6', version: '2.36', architecture: 'amd64' },
      { name: 'libc6', version: '2.37', architecture: 'i386' },
    ],
  });
  t.deepEqual(compareManifests(before, after).packages, {
    ...NONE,
    changed: [
      { name: 'kernel', before: '1, 2', after: '2, 3' },
      { name: 'libc6:i386', before: '2.36', after: '2.37' },
    ],
  });
});

test('an artifact rebuilt under its version is a change', (t) => {
  const [first, ...rest] = lock.artifacts;
  if (first === undefined) throw new Error('the lock is empty');
  const rebuilt = { ...first, digest: `sha256:${'f'.repeat(64)}` };
  const { artifacts } = compareManifests(
    manifest(),
    manifest({ lock: { ...lock, artifacts: [rebuilt, ...rest] } }),
  );
  t.is(artifacts.changed.length, 1);
  t.is(artifacts.changed[0]?.name, first.name);
  t.is(artifacts.changed[0]?.after, `${first.version} (sha256:ffffffffffff)`);
});

test('files and sizes', (t) => {
  const before = manifest({
    disk: { size: 1000, sha256: '0'.repeat(64) },
    files: [file('/content', 5, 'a'), file('/gone', 7, 'a'), file('/mode', 1, 'a'), file('/same', 1, 'a')],
  });
  const after = manifest({
    disk: { size: 3000, sha256: '1'.repeat(64) },
    files: [
      file('/added', 9, 'a'),
      file('/content', 6, 'b'),
      file('/mode', 1, 'a', '0755'),
      file('/same', 1, 'a'),
    ],
  });
  const comparison = compareManifests(before, after);
  t.deepEqual(
    Object.values(comparison.files)
      .flat()
      .map(({ path, kind, sizeBefore, sizeAfter }) => [path, kind, sizeBefore, sizeAfter]),
    [
      ['/added', 'only-right', 0, 9],
      ['/gone', 'only-left', 7, 0],
      ['/content', 'content', 5, 6],
      ['/mode', 'mode', 1, 1],
    ],
  );
  t.deepEqual([comparison.before.diskSize, comparison.after.diskSize], [1000, 3000]);
  t.deepEqual([comparison.before.fileSize, comparison.after.fileSize], [14, 17]);
});

test('another plan is said to be one', (t) => {
  const other = { ...plan, id: `sha256:${'a'.repeat(64)}` };
  const after = manifest({ plan: { digest: other.id, spec: other.spec, verdict: other.verdict } });
  t.false(compareManifests(manifest(), after).samePlan);
});
