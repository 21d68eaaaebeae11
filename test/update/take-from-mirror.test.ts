import test from 'ava';
import { KilnError } from '../../src/errors.js';
import type { Lock } from '../../src/lock/lock.js';
import type { LockedArtifact } from '../../src/plan/types.js';
import { CHECKSUMS, createPublisher, DIGEST, IMAGE, LISTING } from './publisher.js';

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

function withRunc({ artifacts }: Lock, runc: LockedArtifact): LockedArtifact[] {
  return artifacts.map((artifact) => (artifact.name === 'runc' ? runc : artifact));
}
