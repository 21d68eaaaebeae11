import test from 'ava';
import { KilnError } from '../../src/errors.js';
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
