import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import type { UpdateResult } from '../../src/update/update-lock.js';
import { bake } from '../helpers/bake.js';
import { createPublisher, publishKubernetes } from '../update/publisher.js';

const { mirror, ...publisher } = createPublisher();
publishKubernetes({ mirror, ...publisher });
const ROCKY = ['update', '--os', 'rocky9', '--kubernetes', '1.35', '--mirror', mirror, '--offline'];

function folder(): string {
  return mkdtempSync(path.join(tmpdir(), 'kiln-update-verb-'));
}

test('makes the lock where there is none, from the catalog’s pins, and says what is newer', async (t) => {
  const cwd = folder();
  const { exitCode, stdout, stderr } = await bake([...ROCKY, '--json'], { cwd });
  t.is(exitCode, 0, stderr);
  const result = JSON.parse(stdout) as UpdateResult;
  t.like(result, { lock: 'kiln.lock.yaml', changed: true, written: true });
  t.like(result.changes[0], { name: 'kubernetes', before: '1.35.7', after: '1.35.9' });
  t.regex(readFileSync(path.join(cwd, 'kiln.lock.yaml'), 'utf8'), /^kubernetes: 1\.35\.9$/m);
});

test('a second time nothing is newer', async (t) => {
  const cwd = folder();
  await bake(ROCKY, { cwd });
  const before = readFileSync(path.join(cwd, 'kiln.lock.yaml'), 'utf8');
  const { exitCode, stdout } = await bake(ROCKY, { cwd });
  t.is(exitCode, 0);
  t.regex(stdout, /^kiln\.lock\.yaml: nothing is newer\n/);
  t.is(readFileSync(path.join(cwd, 'kiln.lock.yaml'), 'utf8'), before);
});

test('--check and --dry-run write nothing', async (t) => {
  const cwd = folder();
  const checked = await bake([...ROCKY, '--check'], { cwd });
  t.is(checked.exitCode, 0, checked.stderr);
  t.regex(checked.stdout, /^kiln\.lock\.yaml: not written \(--check\)\n/);
  const dry = await bake([...ROCKY, '--dry-run'], { cwd });
  t.regex(dry.stdout, /^ask https:\/\/dl\.k8s\.io\/release\/stable-1\.35\.txt$/m);
  t.false(existsSync(path.join(cwd, 'kiln.lock.yaml')));
});

test('--lock names another file, kiln.yaml says the rest', async (t) => {
  const cwd = folder();
  writeFileSync(
    path.join(cwd, 'kiln.yaml'),
    `os: rocky9\nkubernetes: "1.35"\nmirror: ${mirror}\nlock: from-config.yaml\n`,
  );
  t.is((await bake(['update', '--offline'], { cwd })).exitCode, 0);
  t.true(existsSync(path.join(cwd, 'from-config.yaml')));
  t.is((await bake(['update', '--offline', '--lock', 'other.yaml'], { cwd })).exitCode, 0);
  t.true(existsSync(path.join(cwd, 'other.yaml')));
});

test('nobody to ask is an error, and leaves nothing', async (t) => {
  const cwd = folder();
  const { exitCode, stderr } = await bake(['update', '--os', 'rocky9', '--offline'], { cwd });
  t.is(exitCode, 1);
  t.regex(stderr, /^bake: Nothing could be asked/m);
  t.false(existsSync(path.join(cwd, 'kiln.lock.yaml')));
});

test('a lock for disks is not made one for AMIs', async (t) => {
  const cwd = folder();
  const base = 'base:\n  kind: archive\n  url: http://deb.debian.org/debian\n  source: test\n';
  writeFileSync(path.join(cwd, 'kiln.lock.yaml'), publisher.text() + base);
  const { exitCode, stderr } = await bake([...ROCKY, '--target', 'aws'], { cwd });
  t.is(exitCode, 2);
  t.regex(
    stderr,
    /^bake: The base in kiln\.lock\.yaml is a package archive, which --target aws does not start from\n/,
  );
});

test('the lock of another OS or architecture is not renewed', async (t) => {
  const cwd = folder();
  const other = createPublisher({ os: 'debian12' });
  const base =
    'base:\n  kind: archive\n  url: http://deb.debian.org/debian\n  suite: bookworm\n  source: test\n';
  const text = other.text() + base;
  writeFileSync(path.join(cwd, 'deb12.yaml'), text);
  const asked = ['update', '--mirror', mirror, '--offline', '--lock', 'deb12.yaml'];
  for (const [flags, message] of [
    [
      ['--os', 'ubuntu2404'],
      /^bake: The base in deb12\.yaml is not of Ubuntu 24\.04.* for amd64: its suite is bookworm\n/,
    ],
    [
      ['--os', 'debian12', '--arch', 'arm64'],
      /^bake: deb12\.yaml has no artifact for arm64, only for amd64\n/,
    ],
  ] as const) {
    const { exitCode, stderr } = await bake([...asked, ...flags], { cwd });
    t.is(exitCode, 2, stderr);
    t.regex(stderr, message);
    t.is(readFileSync(path.join(cwd, 'deb12.yaml'), 'utf8'), text);
  }
});
