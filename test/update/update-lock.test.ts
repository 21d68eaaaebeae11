import { rmSync } from 'node:fs';
import test from 'ava';
import { KilnError } from '../../src/errors.js';
import { createGate } from '../../src/gate/gate.js';
import type { Lock } from '../../src/lock/lock.js';
import type { LockedArtifact } from '../../src/plan/types.js';
import { formatUpdate } from '../../src/update/format-update.js';
import { updateLock } from '../../src/update/update-lock.js';
import { createPublisher, DIGEST, publishKubernetes } from './publisher.js';

const RUNC_TAGS = 'https://api.github.com/repos/opencontainers/runc/git/matching-refs/tags/v1.3.';
const RUNC_SUMS = 'https://github.com/opencontainers/runc/releases/download/v1.3.6/runc.sha256sum';

test('Kubernetes moves to its newest patch as a set, with the publisher’s digests', async (t) => {
  const publisher = createPublisher({ header: '# Kept.\n' });
  const before = publisher.text();
  const digests = publishKubernetes(publisher);
  const result = await publisher.update();
  t.true(result.written);
  const lock = publisher.lock();
  t.is(lock.kubernetes, '1.35.9');
  for (const [name, digest] of digests) {
    const url = `https://dl.k8s.io/release/v1.35.9/bin/linux/amd64/${name}`;
    t.like(
      lock.artifacts.find((artifact) => artifact.name === name),
      { version: '1.35.9', url, digest, source: `${url}.sha256` },
    );
  }
  t.deepEqual(
    result.changes.map(({ name, before: from, after }) => [name, from, after]),
    ['kubernetes', ...digests.keys()].map((name) => [name, '1.35.7', '1.35.9']),
  );
  t.is(
    result.changes[0]?.reason,
    'newest patch release of 1.35, says https://dl.k8s.io/release/stable-1.35.txt',
  );
  const [old, now] = [before.split('\n'), publisher.text().split('\n')];
  t.is(now.length, old.length);
  const changed = old.filter((line, index) => line !== now[index]);
  // `kubernetes:`, and of each program its version, URL, digest and source.
  t.is(changed.length, 1 + 4 * digests.size);
});

test('what could not be asked is listed and stays; what has no list is said so', async (t) => {
  const publisher = createPublisher();
  publishKubernetes(publisher);
  const result = await publisher.update();
  t.deepEqual([...new Set(result.unanswered.map(({ about }) => about))].sort(), [
    'base',
    'cni-plugins',
    'containerd-static',
    'crictl',
    'etcd',
    'runc',
  ]);
  t.true(result.unanswered.every(({ reason }) => reason === 'offline, and not in the mirror'));
  const kept = new Map(result.kept.map(({ name, reason }) => [name, reason]));
  t.is(kept.get('flanneld'), 'flannel publishes no checksum file of its binaries');
  t.is(kept.get('image/pause'), 'Kubernetes chooses its version with the minor');
  t.is(kept.get('etcd'), 'its publisher could not be asked for the newest release');
  const text = formatUpdate(result);
  t.regex(
    text,
    /^\S+kiln\.lock\.yaml: written\n\nchanged\n {2}kubernetes +1\.35\.7 → 1\.35\.9 {2}newest patch/,
  );
  t.regex(text, /\nstays\n[\s\S]*\ncould not be asked\n/);
});

test('nobody answers: the update fails and names all it asked', async (t) => {
  const publisher = createPublisher();
  const before = publisher.text();
  const error = await t.throwsAsync(publisher.update(), { instanceOf: KilnError });
  t.is(error.code, 'UPDATE_FAILED');
  t.regex(
    error.message,
    /kubernetes: offline, and not in the mirror\n {4}https:\/\/dl\.k8s\.io\/release\/stable-1\.35\.txt/,
  );
  t.is(publisher.text(), before);
});

test('a release candidate and another minor are not newer; a tag list is GitHub’s', async (t) => {
  const publisher = createPublisher();
  const refs = ['v1.3.6', 'v1.3.10', 'v1.3.9', 'v1.3.11-rc.1', 'v1.30.1', '1.3.99.1'];
  publisher.publish(RUNC_TAGS, JSON.stringify(refs.map((tag) => ({ ref: `refs/tags/${tag}` }))));
  publisher.publish(
    RUNC_SUMS.replace('1.3.6', '1.3.10'),
    `${DIGEST('d')} *runc.amd64\n${DIGEST('e')} *runc.arm64\n`,
  );
  await publisher.update();
  const runc = publisher.lock().artifacts.find(({ name }) => name === 'runc');
  t.like(runc, { version: '1.3.10', digest: `sha256:${DIGEST('d')}` });
  t.is(runc?.url, 'https://github.com/opencontainers/runc/releases/download/v1.3.10/runc.amd64');
});

test('a set whose digests are not all published yet does not move', async (t) => {
  const publisher = createPublisher();
  publishKubernetes(publisher);
  publisher.withdraw('https://dl.k8s.io/release/v1.35.9/bin/linux/amd64/kubelet.sha256');
  const result = await publisher.update();
  t.false(result.changed);
  t.is(publisher.lock().kubernetes, '1.35.7');
  t.is(
    result.kept.find(({ name }) => name === 'kubectl')?.reason,
    '1.35.9 is out, but not all of its digests could be had',
  );
});

test('another digest for the same URL is refused with both, and nothing is written', async (t) => {
  const publisher = createPublisher();
  publishKubernetes(publisher);
  const before = publisher.text();
  publisher.publish(RUNC_SUMS, `${DIGEST('f')}  runc.amd64\n`);
  const error = await t.throwsAsync(publisher.update(), { instanceOf: KilnError });
  t.is(error.code, 'DIGEST_CHANGED');
  t.is(error.exitCode, 1);
  const locked = publisher.lock().artifacts.find(({ name }) => name === 'runc')?.digest;
  t.true(
    error.message.includes(`locked    ${locked}\n    published sha256:${DIGEST('f')} (${RUNC_SUMS})`),
    error.message,
  );
  t.is(publisher.text(), before);
  publisher.publish(RUNC_SUMS, `${locked?.slice('sha256:'.length)}  runc.amd64\n`);
  t.true((await publisher.update()).written);
});

test('--check says it and writes nothing; a dry run asks nothing', async (t) => {
  const publisher = createPublisher();
  publishKubernetes(publisher);
  const before = publisher.text();
  const checked = await publisher.update({ check: true });
  t.true(checked.changed);
  t.false(checked.written);
  const gate = createGate({ dryRun: true });
  await publisher.update({ gate, offline: false });
  t.true(gate.actions.some(({ verb, target }) => verb === 'ask' && target.endsWith('stable-1.35.txt')));
  t.deepEqual(
    gate.actions.filter(({ verb }) => verb === 'write'),
    [],
  );
  t.is(publisher.text(), before);
});

test('a lock that is not there is made', async (t) => {
  const publisher = createPublisher();
  const digests = publishKubernetes(publisher);
  const { file, mirror, spec } = publisher;
  const lock = publisher.lock();
  rmSync(file);
  const gate = createGate({});
  const result = await updateLock({
    gate,
    spec,
    lock,
    file,
    exists: false,
    mirror,
    offline: true,
    baseKind: 'disk',
  });
  t.true(result.written);
  t.is(publisher.lock().artifacts.find(({ name }) => name === 'kubelet')?.digest, digests.get('kubelet'));
});

test('what the support matrix would refuse is not taken up', async (t) => {
  const publisher = createPublisher({
    os: 'debian12',
    kubernetes: '1.20.15',
    change: (lock) => ({ ...lock, source: 'debian' }),
  });
  const before = publisher.text();
  const lock = publisher.lock();
  const next = { version: '2.0.11', digest: `sha256:${DIGEST('1')}`, source: 'Debian bookworm' };
  const artifacts = lock.artifacts.map((entry) =>
    entry.name.startsWith('containerd') ? { ...entry, ...next } : entry,
  );
  const error = await t.throwsAsync(publisher.update({ mirrorLock: { ...lock, artifacts } }), {
    instanceOf: KilnError,
  });
  t.is(error.code, 'PAIR_REFUSED');
  t.regex(error.message, /containerd 2\.0\.11 does not speak CRI/);
  t.is(publisher.text(), before);
});

const LISTING = 'https://dl.rockylinux.org/pub/rocky/';
const CHECKSUMS = (release: string) =>
  `https://dl.rockylinux.org/pub/rocky/${release}/images/x86_64/CHECKSUM`;
const IMAGE = (serial: string) => `Rocky-9-GenericCloud-Base-${serial}.x86_64.qcow2`;

test('the newest official image: newest folder, newest name, digest from its checksum file', async (t) => {
  const publisher = createPublisher();
  publisher.publish(
    LISTING,
    '<a href="8.10/">8.10/</a> <a href="9.8/">9.8/</a> <a href="9.10/">9.10/</a> <a href="9.7/">',
  );
  const names = [
    IMAGE('9.10-20261101.0'),
    IMAGE('9.10-20261110.0'),
    'Rocky-9-GenericCloud-LVM-9.10-20261112.0.x86_64.qcow2',
  ];
  publisher.publish(
    CHECKSUMS('9.10'),
    names
      .map((name, index) => `# ${name}: 1 bytes\nSHA256 (${name}) = ${DIGEST(String(index + 1))}\n`)
      .join(''),
  );
  const result = await publisher.update();
  const url = `https://dl.rockylinux.org/pub/rocky/9.10/images/x86_64/${names[1]}`;
  t.deepEqual(publisher.lock().base, {
    kind: 'disk',
    url,
    digest: `sha256:${DIGEST('2')}`,
    source: CHECKSUMS('9.10'),
  });
  t.deepEqual(result.changes, [
    {
      name: 'base',
      before: IMAGE('9.8-20260525.0'),
      after: names[1] ?? '',
      reason: 'newest image of Rocky Linux 9',
    },
  ]);
  const again = await publisher.update();
  t.false(again.changed);
  t.is(again.kept.find(({ name }) => name === 'base')?.reason, 'is the newest image');
});

test('an official image whose digest changed is refused', async (t) => {
  const publisher = createPublisher();
  publisher.publish(LISTING, '<a href="9.8/">');
  publisher.publish(CHECKSUMS('9.8'), `SHA256 (${IMAGE('9.8-20260525.0')}) = ${DIGEST('a')}\n`);
  const error = await t.throwsAsync(publisher.update(), { instanceOf: KilnError });
  t.is(error.code, 'DIGEST_CHANGED');
  t.regex(error.message, new RegExp(`published sha256:${DIGEST('a')}`));
});

test('an older image than the lock’s is not newer', async (t) => {
  const publisher = createPublisher();
  publisher.publish(LISTING, '<a href="9.6/">');
  publisher.publish(CHECKSUMS('9.6'), `SHA256 (${IMAGE('9.6-20250601.0')}) = ${DIGEST('a')}\n`);
  t.false((await publisher.update()).changed);
});

test('artifacts made from the Debian archive are what the mirror has', async (t) => {
  const source = 'Debian bookworm, repacked from runc 1.1.5+ds1-1+deb12u1 (runc.deb sha256:x)';
  const artifact = {
    name: 'runc',
    version: '1.1.5',
    arch: 'amd64',
    kind: 'file',
    url: 'https://debian.kiln.invalid/github.com/opencontainers/runc/releases/download/v1.1.5/runc.amd64',
    digest: `sha256:${DIGEST('1')}`,
    source,
  } as const;
  const publisher = createPublisher({
    change: (lock) => ({ ...lock, source: 'debian', artifacts: withRunc(lock, artifact) }),
  });
  publisher.publish(LISTING, '<a href="9.6/">');
  publisher.publish(CHECKSUMS('9.6'), `SHA256 (${IMAGE('9.6-20250601.0')}) = ${DIGEST('a')}\n`);
  const now = { ...artifact, digest: `sha256:${DIGEST('2')}` };
  const mirrored = (next: LockedArtifact): Lock => ({
    ...publisher.lock(),
    artifacts: withRunc(publisher.lock(), next),
  });
  const error = await t.throwsAsync(publisher.update({ mirrorLock: mirrored(now) }), {
    instanceOf: KilnError,
  });
  t.is(error.code, 'DIGEST_CHANGED', 'the same package cannot have other bytes');
  const repacked = { ...now, source: source.replace('deb12u1', 'deb12u2') };
  const result = await publisher.update({ mirrorLock: mirrored(repacked) });
  t.deepEqual(result.changes, [
    {
      name: 'runc',
      before: 'runc 1.1.5+ds1-1+deb12u1',
      after: 'runc 1.1.5+ds1-1+deb12u2',
      reason: 'made anew from the Debian archive',
    },
  ]);
  t.is(publisher.lock().artifacts.find(({ name }) => name === 'runc')?.digest, now.digest);
});

test('a mirror of another kind or minor is not taken from, nor what is older in it', async (t) => {
  const source = 'Debian bookworm, repacked from runc 1.1.5+ds1-1+deb12u2 (runc.deb sha256:x)';
  const publisher = createPublisher({
    os: 'debian12',
    kubernetes: '1.20.15',
    change: (lock) => ({
      ...lock,
      source: 'debian',
      artifacts: lock.artifacts.map((entry) =>
        entry.name === 'runc'
          ? { ...entry, version: '1.1.5', digest: `sha256:${DIGEST('1')}`, source }
          : entry,
      ),
    }),
  });
  publisher.publish('https://cloud.debian.org/images/cloud/bookworm/', '<a href="20200101-1/">');
  const before = publisher.text();
  const lock = publisher.lock();
  const mirrored = (changes: Partial<Lock>, entry: Partial<LockedArtifact> = {}): Lock => ({
    ...lock,
    artifacts: lock.artifacts.map((artifact) =>
      artifact.name === 'runc' ? { ...artifact, digest: `sha256:${DIGEST('2')}`, ...entry } : artifact,
    ),
    ...changes,
  });
  const renew = '`bake fetch --source debian` renews the mirror, and --mirror names it';
  const newer = { version: '1.3.6', source: 'x' };
  const older = source.replace('deb12u2', 'deb12u1');
  for (const [mirrorLock, reason] of [
    [mirrored({ source: 'upstream' }, newer), `the mirror has the projects’ own files: ${renew}`],
    [mirrored({ kubernetes: '1.19.16' }, newer), 'the mirror is of Kubernetes 1.19, the lock of 1.20'],
    [mirrored({}, { version: '1.1.4', source: 'x' }), 'the mirror has 1.1.4, which is older'],
    [mirrored({}, { source: older }), 'the mirror has runc 1.1.5+ds1-1+deb12u1, which is older'],
    [
      mirrored({ kubernetes: '1.20.2' }, { source: older }),
      'the mirror has runc 1.1.5+ds1-1+deb12u1, which is older',
    ],
  ] as const) {
    const result = await publisher.update({ mirrorLock });
    t.deepEqual(result.changes, [], reason);
    t.is(result.kept.find(({ name }) => name === 'runc')?.reason, reason);
    t.is(publisher.text(), before);
  }
});

test('offline, the mirror’s lock is an answer where its archive has no index', async (t) => {
  const source = 'Debian bookworm, repacked from runc 1.1.5+ds1-1+deb12u1 (runc.deb sha256:x)';
  const publisher = createPublisher({ os: 'debian12', change: (lock) => ({ ...lock, source: 'debian' }) });
  const lock = publisher.lock();
  const entry = { version: '1.4.0', digest: `sha256:${DIGEST('2')}`, source };
  const artifacts = lock.artifacts.map((artifact) =>
    artifact.name === 'runc' ? { ...artifact, ...entry } : artifact,
  );
  const options = { baseKind: 'archive', offline: true } as const;
  const result = await publisher.update({ ...options, mirrorLock: { ...lock, artifacts } });
  t.true(result.written);
  t.like(
    publisher.lock().artifacts.find(({ name }) => name === 'runc'),
    entry,
  );
  t.true(result.unanswered.every(({ about }) => about === 'base'));
  t.is(result.unanswered.length, 3);
  const upstream = { ...lock, source: 'upstream' } as const;
  await t.throwsAsync(publisher.update({ ...options, mirrorLock: upstream }), {
    message: /^Nothing could be asked/,
  });
});

const NOBLE = 'https://cloud-images.ubuntu.com/releases/noble/';
const SERVER = 'ubuntu-24.04-server-cloudimg-amd64.img';

test('a respin of Ubuntu’s image is newer than what it is a respin of', async (t) => {
  const publisher = createPublisher({ os: 'ubuntu2404' });
  publisher.publish(NOBLE, '<a href="release-20260705.1/"> <a href="release-20260705/"> <a href="release/">');
  publisher.publish(`${NOBLE}release-20260705.1/SHA256SUMS`, `${DIGEST('a')} *${SERVER}\n`);
  const { changes } = await publisher.update();
  t.is(changes[0]?.name, 'base');
  t.like(publisher.lock().base, {
    url: `${NOBLE}release-20260705.1/${SERVER}`,
    digest: `sha256:${DIGEST('a')}`,
  });
  t.false((await publisher.update()).changed);
  publisher.publish(NOBLE, '<a href="release-20260705/">');
  publisher.publish(`${NOBLE}release-20260705/SHA256SUMS`, `${DIGEST('b')} *${SERVER}\n`);
  t.false((await publisher.update()).changed, 'a respin that was taken back is no reason to go back');
});

test('a base image keeps what else its entry says', async (t) => {
  const publisher = createPublisher({
    os: 'ubuntu2404',
    change: (lock) => ({
      ...lock,
      base: { kind: 'disk', url: `${NOBLE}release-20260101/${SERVER}`, suite: 'noble', source: 'mine' },
    }),
  });
  publisher.publish(NOBLE, '<a href="release-20260705.1/">');
  publisher.publish(`${NOBLE}release-20260705.1/SHA256SUMS`, `${DIGEST('a')} *${SERVER}\n`);
  t.true((await publisher.update()).written);
  t.deepEqual(publisher.lock().base, {
    kind: 'disk',
    url: `${NOBLE}release-20260705.1/${SERVER}`,
    suite: 'noble',
    digest: `sha256:${DIGEST('a')}`,
    source: `${NOBLE}release-20260705.1/SHA256SUMS`,
  });
});

test('an image of one’s own stays', async (t) => {
  const base = { kind: 'disk', url: 'https://images.example.test/9.img', source: 'mine' } as const;
  const publisher = createPublisher({ change: (lock) => ({ ...lock, base }) });
  publishKubernetes(publisher);
  const { kept } = await publisher.update();
  t.is(kept.find(({ name }) => name === 'base')?.reason, 'is none of the images its publisher lists');
  t.deepEqual(publisher.lock().base, base);
});

function withRunc({ artifacts }: Lock, runc: LockedArtifact): LockedArtifact[] {
  return artifacts.map((artifact) => (artifact.name === 'runc' ? runc : artifact));
}

test('an archive that nobody known signed is refused', async (t) => {
  const publisher = createPublisher({ os: 'debian12', change: (lock) => ({ ...lock, source: 'debian' }) });
  const before = publisher.text();
  const url = 'http://deb.debian.org/debian/dists/bookworm/InRelease';
  publisher.publish(
    url,
    `Date: Fri, 20 Nov 2026 02:11:10 UTC\nSHA256:\n ${DIGEST('a')} 1 main/binary-amd64/Packages\n`,
  );
  const error = await t.throwsAsync(publisher.update({ baseKind: 'archive' }), { instanceOf: KilnError });
  t.is(error.code, 'UPDATE_FAILED');
  t.regex(error.message, new RegExp(`^The signature of ${url} is not good`));
  t.is(publisher.text(), before);
});
