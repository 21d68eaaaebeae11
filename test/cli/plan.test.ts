import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { listOs } from '../../src/catalog/load-catalog.js';
import { bake } from '../helpers/bake.js';

test('the same plan from any folder, time zone and locale', async (t) => {
  const args = ['plan', '--os', 'centos7', '--json'];
  const here = await bake(args, { env: { TZ: 'UTC', LC_ALL: 'C' } });
  const there = await bake(args, {
    cwd: mkdtempSync(path.join(tmpdir(), 'kiln-elsewhere-')),
    env: { TZ: 'Pacific/Auckland', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' },
  });
  t.is(here.exitCode, 0, here.stderr);
  t.is(here.stdout, there.stdout);
});

test('every OS: files, units, pins with digests, verdict', async (t) => {
  for (const os of listOs()) {
    const result = await bake(['plan', '--os', os, '--json']);
    t.is(result.exitCode, 0, result.stderr);
    const plan = JSON.parse(result.stdout) as Record<string, unknown[]> & { id: string; verdict: string };
    t.regex(plan.id, /^sha256:[0-9a-f]{64}$/);
    t.true((plan.files?.length ?? 0) > 100, os);
    t.true((plan.artifacts?.length ?? 0) >= 8, os);
    t.true(['ok', 'warn'].includes(plan.verdict), os);
  }
});

test('`bake list os` shows every OS', async (t) => {
  const { stdout } = await bake(['list', 'os']);
  t.deepEqual(
    stdout.split('\n').map((line) => line.split(' ')[0]),
    listOs(),
  );
});

test('centos7 fails with a complete message where its base is out of reach', async (t) => {
  const cache = mkdtempSync(path.join(tmpdir(), 'kiln-empty-cache-'));
  const result = await bake(['image', '--os', 'centos7', '--offline', '--out', path.join(cache, 'out')], {
    env: { XDG_CACHE_HOME: cache },
  });
  t.is(result.exitCode, 1);
  const stderr = result.stderr;
  for (const name of [
    'kube-apiserver',
    'kubelet',
    'etcd',
    'containerd-static',
    'runc',
    'cni-plugins',
    'flanneld',
    'image/pause',
    'base image',
  ]) {
    t.true(stderr.includes(`\n  ${name}\n`), `${name} is not named in:\n${stderr}`);
  }
});
