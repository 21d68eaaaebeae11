import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { cacheFolder } from '../../../src/artifacts/cache.js';
import { defaultDebianMirror } from '../../../src/artifacts/debian/default-debian-mirror.js';
import { makeDebianMirror } from '../../../src/artifacts/debian/make-debian-mirror.js';
import { extractMembers } from '../../../src/artifacts/extract-members.js';
import { fetchArtifacts } from '../../../src/artifacts/fetch-artifacts.js';
import { createGate } from '../../../src/gate/gate.js';
import type { LockedArtifact } from '../../../src/plan/types.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

// The cache is the person's own: the Kubernetes build in it takes minutes and is made once.
const gate = createGate({});

/** The one the other slow tests bake from. */
const mirror = defaultDebianMirror('amd64');

test.serial(
  'a mirror from the Debian archive is complete, the same each time, and not made again when nothing changed',
  async (t) => {
    t.timeout(3_600_000);
    const other = temporaryFolder();
    const lock = await makeDebianMirror({ gate, to: mirror });
    t.deepEqual(await makeDebianMirror({ gate, to: other }), lock);
    const sums = readFileSync(path.join(mirror, 'SHA256SUMS'), 'utf8');
    t.is(readFileSync(path.join(other, 'SHA256SUMS'), 'utf8'), sums);

    const tarballs = sums.split('\n').flatMap((line) => /\s(\S+\.t?gz)$/.exec(line)?.[1] ?? []);
    const changed = () => tarballs.map((name) => statSync(path.join(other, name)).mtimeMs);
    const before = changed();
    t.deepEqual(await makeDebianMirror({ gate, to: other }), lock);
    t.deepEqual(changed(), before);
    t.deepEqual(
      readdirSync(cacheFolder('work')).filter((name) => name.startsWith(`debian-${process.pid}-`)),
      [],
    );

    // A damaged mirror is put right.
    rmSync(path.join(other, 'kiln.lock.yaml'));
    rmSync(path.join(other, 'debian.kiln.invalid', 'v2'), { recursive: true });
    t.deepEqual(await makeDebianMirror({ gate, to: other }), lock);
    execFileSync('sha256sum', ['--strict', '--quiet', '-c', 'SHA256SUMS'], { cwd: other });
  },
);

test.serial('its programs run and say the versions of the lock', async (t) => {
  t.timeout(3_600_000);
  const lock = await makeDebianMirror({ gate, to: mirror });
  const artifacts = lock?.artifacts ?? [];
  const paths = await fetchArtifacts({ gate, artifacts, mirror, offline: true });
  async function program(name: string, member: string): Promise<string> {
    const artifact = artifacts.find((candidate) => candidate.name === name) as LockedArtifact;
    const file = paths.get(name) ?? '';
    const extracted = await extractMembers({ gate, artifact, file, members: [member] });
    const target = path.join(temporaryFolder(), path.basename(member));
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

test.serial('an interrupt stops it, and nothing is left', async (t) => {
  const controller = new AbortController();
  const to = path.join(temporaryFolder(), 'mirror');
  const running = makeDebianMirror({ gate: createGate({ signal: controller.signal }), to });
  setTimeout(() => controller.abort(new Error('stop')), 300);
  await t.throwsAsync(running);
  t.throws(() => readdirSync(to), { code: 'ENOENT' });
  t.deepEqual(
    readdirSync(cacheFolder('work')).filter((name) => name.startsWith(`debian-${process.pid}-`)),
    [],
  );
});
