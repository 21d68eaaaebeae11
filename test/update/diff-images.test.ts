import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import type { TreeEntry } from '../../src/build/disk/list-tree.js';
import { formatManifest, makeManifest } from '../../src/build/manifest/make-manifest.js';
import { resolveLock } from '../../src/lock/resolve-lock.js';
import { createPlan } from '../../src/plan/plan.js';
import { bake } from '../helpers/bake.js';
import { specOf } from '../helpers/plans.js';

const out = mkdtempSync(path.join(tmpdir(), 'kiln-diff-'));

/** An image folder without its disk, as a weekly run keeps it. */
function image(
  name: string,
  {
    kubernetes = '1.36.4',
    packages = {},
    network = 'none',
    digest = 'a',
    size = 100,
  }: {
    kubernetes?: string;
    packages?: Record<string, string>;
    network?: string;
    digest?: string;
    size?: number;
  },
): string {
  const spec = specOf('debian12', { kubernetes, network });
  const lock = resolveLock(spec);
  lock.base = {
    kind: 'archive',
    url: 'http://deb.debian.org/debian',
    digest: `sha256:${digest.repeat(64)}`,
    date: '2026-11-20T02:11:10.000Z',
    suite: 'bookworm',
    source: 'test',
  };
  const plan = createPlan(spec, lock);
  const manifest = makeManifest({
    plan,
    lock,
    engine: 'mkosi',
    tools: {},
    packages: Object.entries(packages).map(([package_, version]) => ({
      name: package_,
      version,
      architecture: 'amd64',
    })),
    files: [{ path: '/usr/bin/x', type: 'file', size } as TreeEntry],
    disk: { size: 2 ** 30, sha256: digest.repeat(64) },
  });
  const folder = path.join(out, name);
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'plan.json'), JSON.stringify(plan));
  writeFileSync(path.join(folder, 'manifest.json'), formatManifest(manifest));
  return folder;
}

const before = image('before', { packages: { libc6: '2.36-9+deb12u13', gone: '1', 'a|b': '1' } });
const after = image('after', {
  packages: { libc6: '2.36-9+deb12u14', came: '2', 'a|b': '2' },
  network: 'routed',
  digest: 'b',
  size: 5100,
});

test('Markdown names what changed, came and went', async (t) => {
  const { exitCode, stdout, stderr } = await bake(['diff', before, after, '--markdown']);
  t.is(exitCode, 0, stderr);
  t.regex(stdout, /^## debian12, routed, amd64\n\nImage [0-9a-f]{8} became [0-9a-f]{8}\.\n/);
  for (const line of [
    '### Packages: 2 changed, 1 added, 1 removed',
    '| package | before | after |',
    '| libc6 | 2.36-9+deb12u13 | 2.36-9+deb12u14 |',
    '| a\\|b | 1 | 2 |',
    '| came | – | 2 |',
    '| gone | 1 | – |',
    '| files in all | 100 B | 5.0 KiB (+4.9 KiB) |',
    '| Kubernetes | 1.36.4 | 1.36.4 |',
    '| /etc/containerd/config.toml | planned | changed |',
  ])
    t.true(stdout.split('\n').includes(line), line);
  t.regex(stdout, /\| base \| \S+ bookworm, state a{12} of 2026-11-20 \| \S+ bookworm, state b{12} of/);
});

test('the same as text and as data', async (t) => {
  const text = await bake(['diff', before, path.join(after, 'manifest.json')]);
  t.is(text.exitCode, 0, text.stderr);
  t.regex(text.stdout, / {2}libc6 {2}2\.36-9\+deb12u13 → 2\.36-9\+deb12u14\n/);
  const { stdout } = await bake(['diff', before, after, '--json']);
  const diff = JSON.parse(stdout) as {
    packages: { changed: { name: string }[] };
    plannedFiles: { added: string[] };
  };
  t.deepEqual(
    diff.packages.changed.map(({ name }) => name),
    ['a|b', 'libc6'],
  );
  t.true(diff.plannedFiles.added.some((file) => file.endsWith('/kube-routes.service')));
});

test('an image and itself', async (t) => {
  const { stdout } = await bake(['diff', after, after, '--markdown']);
  t.regex(stdout, /\nNothing changed: both are image [0-9a-f]{8}\.\n/);
  t.notRegex(stdout, /### (Packages|Pins|Planned)/);
});

test('an AMI, whose files nobody read, can be compared too', async (t) => {
  const folder = path.join(out, 'ami');
  mkdirSync(folder);
  const spec = specOf('debian12', { kubernetes: '1.36.4', network: 'none' });
  const lock = resolveLock(spec);
  const base = {
    kind: 'ami',
    owner: '136693071363',
    name: 'debian-12-amd64-x',
    region: 'eu-central-1',
    id: 'ami-0123456789abcdef0',
    source: 'test',
  } as const;
  const plan = createPlan(spec, { ...lock, base });
  const manifest = {
    version: 1,
    imageId: plan.id,
    plan: { digest: plan.id, spec, verdict: 'ok' },
    engine: 'packer',
    tools: {},
    lock: { ...lock, base },
  };
  writeFileSync(path.join(folder, 'plan.json'), JSON.stringify(plan));
  writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify(manifest));
  const { exitCode, stdout, stderr } = await bake(['diff', before, folder]);
  t.is(exitCode, 0, stderr);
  t.regex(
    stdout,
    /base {10}http:\/\/deb\.debian\.org\/debian .* → ami-0123456789abcdef0 debian-12-amd64-x\n/,
  );
});

test('what an AMI’s manifest does not say is unknown, not empty', async (t) => {
  const folder = path.join(out, 'ami-unread');
  mkdirSync(folder);
  const [plan, manifest] = ['plan.json', 'manifest.json'].map((name) =>
    JSON.parse(readFileSync(path.join(before, name), 'utf8')),
  );
  const { packages: _, files: __, disk: ___, treeDigest: ____, ...said } = manifest;
  writeFileSync(path.join(folder, 'plan.json'), JSON.stringify(plan));
  writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify(said));
  const { stdout } = await bake(['diff', before, folder, '--markdown']);
  t.notRegex(stdout, /### Packages/);
  for (const line of [
    '| packages | 3 | unknown |',
    '| files in all | 100 B | unknown |',
    '| disk | 1.0 GiB | unknown |',
  ])
    t.true(stdout.split('\n').includes(line), line);
  const text = await bake(['diff', folder, before]);
  t.regex(text.stdout, / {2}packages {6}unknown → 3$/m);
  const data = JSON.parse((await bake(['diff', folder, before, '--json'])).stdout);
  t.false('packages' in data || 'files' in data || 'diskSize' in data.before);
  t.is(data.after.packages, 3);
});

test('what is no image is said so', async (t) => {
  const { exitCode, stderr } = await bake(['diff', out, after]);
  t.is(exitCode, 1);
  t.regex(stderr, /^bake: .* is not an image kiln baked: ENOENT/);
});
