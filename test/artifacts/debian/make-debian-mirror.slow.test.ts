import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { cacheFolder } from '../../../src/artifacts/cache.js';
import { makeDebianMirror } from '../../../src/artifacts/debian/make-debian-mirror.js';
import { extractMembers } from '../../../src/artifacts/extract-members.js';
import { fetchArtifacts } from '../../../src/artifacts/fetch-artifacts.js';
import { createGate } from '../../../src/gate/gate.js';
import type { LockedArtifact } from '../../../src/plan/types.js';
import { temporaryFolder } from '../temporary-cache.js';

// The cache is the person's own: the Kubernetes build in it takes minutes and is made once.
const gate = createGate({});

test('a mirror from the Debian archive is complete, the same each time, and soon there when nothing changed', async (t) => {
  t.timeout(3_600_000);
  const [one, two] = [temporaryFolder(t), temporaryFolder(t)];
  const lock = await makeDebianMirror({ gate, to: one });
  t.deepEqual(await makeDebianMirror({ gate, to: two }), lock);
  t.is(
    readFileSync(path.join(one, 'SHA256SUMS'), 'utf8'),
    readFileSync(path.join(two, 'SHA256SUMS'), 'utf8'),
  );

  const started = Date.now();
  t.deepEqual(await makeDebianMirror({ gate, to: one }), lock);
  t.true(Date.now() - started < 30_000, `an unchanged mirror took ${Date.now() - started} ms`);
  t.deepEqual(
    readdirSync(cacheFolder('work')).filter((name) => name.startsWith(`debian-${process.pid}-`)),
    [],
  );

  // A damaged file is put right.
  rmSync(path.join(one, 'kiln.lock.yaml'));
  rmSync(path.join(one, 'debian.kiln.invalid', 'v2'), { recursive: true });
  t.deepEqual(await makeDebianMirror({ gate, to: one }), lock);
  execFileSync('sha256sum', ['--strict', '--quiet', '-c', 'SHA256SUMS'], { cwd: one });
});

test('its programs run and say the versions of the lock', async (t) => {
  t.timeout(3_600_000);
  const mirror = temporaryFolder(t);
  const lock = await makeDebianMirror({ gate, to: mirror });
  const artifacts = lock?.artifacts ?? [];
  const paths = await fetchArtifacts({ gate, artifacts, mirror, offline: true });
  async function program(name: string, member: string): Promise<string> {
    const artifact = artifacts.find((candidate) => candidate.name === name) as LockedArtifact;
    const file = paths.get(name) ?? '';
    const extracted = await extractMembers({ gate, artifact, file, members: [member] });
    const target = path.join(temporaryFolder(t), path.basename(member));
    execFileSync('install', ['-m', '755', extracted.get(member) ?? '', target]);
    return target;
  }
  for (const name of [
    'kube-apiserver',
    'kube-controller-manager',
    'kube-scheduler',
    'kube-proxy',
    'kubelet',
  ]) {
    const file = await program('kubernetes-server', `kubernetes/server/bin/${name}`);
    t.is(execFileSync(file, ['--version'], { encoding: 'utf8' }), `Kubernetes v${lock?.kubernetes}\n`);
  }
  const kubectl = await program('kubernetes-server', 'kubernetes/server/bin/kubectl');
  t.regex(execFileSync(kubectl, ['version', '--client'], { encoding: 'utf8' }), /GitVersion:"v1\.20\.2"/);
  const containerd = await program('containerd', 'bin/containerd');
  t.regex(execFileSync(containerd, ['--version'], { encoding: 'utf8' }), / 1\.6\.\d+/);
});

test('an interrupt stops it, and nothing is left', async (t) => {
  const controller = new AbortController();
  const to = path.join(temporaryFolder(t), 'mirror');
  const running = makeDebianMirror({ gate: createGate({ signal: controller.signal }), to });
  setTimeout(() => controller.abort(new Error('stop')), 300);
  await t.throwsAsync(running);
  t.throws(() => readdirSync(to), { code: 'ENOENT' });
  t.deepEqual(
    readdirSync(cacheFolder('work')).filter((name) => name.startsWith(`debian-${process.pid}-`)),
    [],
  );
});
