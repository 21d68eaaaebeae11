import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { createGate } from '../../src/gate/gate.js';
import { createIdentity } from '../../src/identity/create-identity.js';
import { identityBundle } from '../../src/identity/identity-bundle.js';
import { makeIdentityDisk } from '../../src/identity/identity-disk.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { modeOf, run } from './helpers.js';

const identity = await createIdentity({ cluster: 'demo' });
/** The most a node can have. */
const files = identityBundle({
  identity,
  roles: ['etcd', 'master', 'minion', 'lb'],
  clusterEnv: { CLUSTER_NAME: 'demo', ETCD_PLACEMENT: 'stacked', ETCD_SIZE: '3' },
});

test('an ext4 disk with the label the node looks for, for its owner alone', async (t) => {
  const folder = path.join(temporaryFolder(), 'nodes', 'master-1');
  const image = await makeIdentityDisk({ gate: createGate({}), folder, files });
  t.is(image, path.join(folder, 'identity.img'));
  t.is(modeOf(image), 0o600);
  t.is(modeOf(folder), 0o700);
  t.is(run('blkid', '-p', '-o', 'value', '-s', 'LABEL', image), 'KILN-ID\n');
  t.is(run('blkid', '-p', '-o', 'value', '-s', 'TYPE', image), 'ext4\n');
  t.deepEqual(readdirSync(folder), ['identity.img'], 'no secret is left beside it');
  t.regex(run('e2fsck', '-fn', image), /^Pass 5/m);
});

test('every file reads back, 0600 in folders 0700', async (t) => {
  const image = await makeIdentityDisk({ gate: createGate({}), folder: temporaryFolder(), files });
  const tree = temporaryFolder();
  run('debugfs', '-R', `rdump / ${tree}`, image);
  const found = readdirSync(tree, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(tree, path.join(entry.parentPath, entry.name)));
  t.deepEqual(found.sort(), Object.keys(files).sort());
  for (const [name, text] of Object.entries(files)) {
    t.is(readFileSync(path.join(tree, name), 'utf8'), text, name);
    t.is(modeOf(path.join(tree, name)), 0o600, name);
    if (name.includes('/')) t.is(modeOf(path.dirname(path.join(tree, name))), 0o700, name);
  }
});

test('it has no feature that Linux 3.10 refuses', async (t) => {
  const image = await makeIdentityDisk({ gate: createGate({}), folder: temporaryFolder(), files });
  const features = /^Filesystem features:\s+(.*)$/m.exec(run('dumpe2fs', '-h', image))?.[1];
  t.deepEqual(features?.split(' ').sort(), ['extent', 'filetype', 'sparse_super']);
});

test('made again it replaces the one before', async (t) => {
  const folder = temporaryFolder();
  await makeIdentityDisk({ gate: createGate({}), folder, files });
  await makeIdentityDisk({ gate: createGate({}), folder, files: { 'cluster.env': 'CLUSTER_NAME=two\n' } });
  const image = path.join(folder, 'identity.img');
  t.is(run('debugfs', '-R', 'cat /cluster.env', image), 'CLUSTER_NAME=two\n');
  t.is(modeOf(image), 0o600);
});

test('no secret is in what the gate records', async (t) => {
  const gate = createGate({});
  await makeIdentityDisk({ gate, folder: temporaryFolder(), files });
  const recorded = JSON.stringify(gate.actions);
  t.regex(recorded, /mkfs\.ext4/);
  for (const text of Object.values(files)) t.false(recorded.includes(text.trim()));
});

test.serial('while it is made, nobody else can read what is on the way', async (t) => {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  const programs = temporaryFolder();
  const note = path.join(programs, 'note');
  // Stands where mkfs.ext4 is looked for, notes the modes of what it was given, and fails.
  const script = `#!/bin/sh\nfor it; do [ ! -e "$it" ] || stat -c '%a %F' "$it" "$(dirname "$it")"; done > ${note}\nexit 1\n`;
  writeFileSync(path.join(programs, 'mkfs.ext4'), script, { mode: 0o755 });
  await withPath(programs, async () => {
    await t.throwsAsync(() => makeIdentityDisk({ gate: createGate({}), folder, files }), {
      code: 'COMMAND_FAILED',
    });
  });
  t.deepEqual(readFileSync(note, 'utf8').trim().split('\n'), [
    '700 directory',
    '700 directory',
    '600 regular empty file',
    '700 directory',
  ]);
  t.deepEqual(readdirSync(folder), [], 'and a failure leaves nothing');
});

test('a dry run names the disk and makes nothing', async (t) => {
  const folder = path.join(temporaryFolder(), 'node');
  const gate = createGate({ dryRun: true });
  await makeIdentityDisk({ gate, folder, files });
  t.deepEqual(
    gate.actions.map(({ verb, target }) => `${verb} ${target}`),
    [`write ${path.join(folder, 'identity.img')}`],
  );
  t.false(existsSync(folder));
});

test.serial('interrupted while mkfs runs, it leaves nothing', async (t) => {
  const folder = temporaryFolder();
  const programs = temporaryFolder();
  const started = path.join(programs, 'started');
  writeFileSync(path.join(programs, 'mkfs.ext4'), `#!/bin/sh\n: > ${started}\nexec sleep 60\n`, {
    mode: 0o755,
  });
  const controller = new AbortController();
  await withPath(programs, async () => {
    const gate = createGate({ signal: controller.signal });
    const made = makeIdentityDisk({ gate, folder, files });
    while (!existsSync(started)) await setTimeout(20);
    controller.abort();
    await t.throwsAsync(() => made, { code: 'INTERRUPTED' });
  });
  t.deepEqual(readdirSync(folder), []);
});

/** PATH belongs to the whole process: only for serial tests, which run before the others. */
async function withPath(folder: string, work: () => Promise<void>): Promise<void> {
  const before = process.env.PATH;
  process.env.PATH = `${folder}:${before}`;
  try {
    await work();
  } finally {
    process.env.PATH = before;
  }
}
