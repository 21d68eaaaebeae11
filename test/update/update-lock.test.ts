import { rmSync } from 'node:fs';
import test from 'ava';
import { KilnError } from '../../src/errors.js';
import { createGate } from '../../src/gate/gate.js';
import { formatUpdate } from '../../src/update/format-update.js';
import { updateLock } from '../../src/update/update-lock.js';
import { createPublisher, DIGEST, publishKubernetes } from './publisher.js';

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
