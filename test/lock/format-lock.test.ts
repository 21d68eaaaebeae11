import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { createGate } from '../../src/gate/gate.js';
import { formatLock } from '../../src/lock/format-lock.js';
import type { Lock } from '../../src/lock/lock.js';
import { readLock } from '../../src/lock/read-lock.js';
import { writeLock } from '../../src/lock/write-lock.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const digest = `sha256:${'a'.repeat(64)}`;
const common = { arch: 'amd64', kind: 'file', digest, source: 'a long line of text '.repeat(20) } as const;
const lock: Lock = {
  version: 1,
  source: 'upstream',
  kubernetes: '1.20.15',
  artifacts: [
    { name: 'runc', version: '1.10', url: 'https://example.org/runc', ...common },
    { name: 'etcd', version: '3.6', url: 'https://example.org/etcd', ...common },
  ],
  base: { source: 'here', kind: 'archive', url: 'http://deb.debian.org/debian', suite: 'bookworm' },
};

test('the text does not depend on the order of artifacts or keys, and reads back the same', async (t) => {
  const text = formatLock(lock);
  const reordered = lock.artifacts.map((artifact) => Object.fromEntries(Object.entries(artifact).reverse()));
  t.is(formatLock({ ...lock, artifacts: reordered.reverse() as Lock['artifacts'] }), text);
  t.true(text.startsWith('# '));
  const file = path.join(temporaryFolder(), 'kiln.lock.yaml');
  writeFileSync(file, text);
  const back = readLock(file);
  t.deepEqual(back, { ...lock, artifacts: lock.artifacts.toReversed() });
  t.is(formatLock(back), text);
});

test('an archive’s dates and an old copy’s word read back the same', (t) => {
  const archives = [
    { url: 'http://a.test/', suites: ['bookworm'], components: ['main'], ignoreValidUntil: true as const },
  ];
  const dates = { bookworm: '2026-07-10T00:00:00.000Z', 'bookworm-security': '2026-07-15T00:00:00.000Z' };
  const base = { kind: 'archive', url: 'http://a.test/', dates, archives, source: 'here' } as const;
  const file = path.join(temporaryFolder(), 'kiln.lock.yaml');
  const backwards = Object.fromEntries(Object.entries(dates).reverse());
  writeFileSync(file, formatLock({ ...lock, base: { ...base, dates: backwards } }));
  t.deepEqual(readLock(file).base, base);
  t.is(formatLock({ ...lock, base }), readFileSync(file, 'utf8'));
});

test('an AMI as base reads back the same', (t) => {
  const base = {
    source: 'here',
    id: 'ami-0123456789abcdef0',
    region: 'eu-west-1',
    name: 'debian-12-amd64-20261101',
    owner: '136693071363',
    kind: 'ami',
  } as const;
  const file = path.join(temporaryFolder(), 'kiln.lock.yaml');
  writeFileSync(file, formatLock({ ...lock, base }));
  t.deepEqual(readLock(file).base, base);
  writeFileSync(file, formatLock({ ...lock, base: { ...base, id: 'debian', owner: 'debian' } }));
  const error = t.throws(() => readLock(file), { code: 'LOCK_INVALID' });
  t.regex(error?.message ?? '', /base\.owner: expected an account of twelve digits/);
  t.regex(error?.message ?? '', /base\.id: expected ami-…/);
});

test('a lock is written whole, in a folder that may not be there yet, beside nothing else', async (t) => {
  const file = path.join(temporaryFolder(), 'new', 'kiln.lock.yaml');
  await writeLock({ gate: createGate({}), lock, file });
  await writeLock({ gate: createGate({}), lock, file });
  t.is(readFileSync(file, 'utf8'), formatLock(lock));
  t.deepEqual(readdirSync(path.dirname(file)), ['kiln.lock.yaml']);
});

test('a folder that is in the way is a clear error, and no temporary file stays', async (t) => {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, 'kiln.lock.yaml', 'full'), { recursive: true });
  await t.throwsAsync(writeLock({ gate: createGate({}), lock, file: path.join(folder, 'kiln.lock.yaml') }));
  t.deepEqual(readdirSync(folder), ['kiln.lock.yaml']);
});

test('a dry run writes nothing', async (t) => {
  const file = path.join(temporaryFolder(), 'kiln.lock.yaml');
  await writeLock({ gate: createGate({ dryRun: true }), lock, file });
  t.false(existsSync(file));
});
