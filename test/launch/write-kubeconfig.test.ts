import { chmodSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { createGate } from '../../src/gate/gate.js';
import { createIdentity } from '../../src/identity/create-identity.js';
import { daysLeft, readAdminAccess } from '../../src/launch/admin-access.js';
import { writeKubeconfig } from '../../src/launch/write-kubeconfig.js';
import { aCluster } from './a-cluster.js';

const DAY = 86_400_000;
const folder = mkdtempSync(path.join(tmpdir(), 'kiln-kubeconfig-'));
const gate = createGate({});
const cluster = aCluster([['master']]);
const identity = await createIdentity({ cluster: 'demo' });

test('gives access to the API, is nobody else’s to read, and is left alone while it lasts', async (t) => {
  const file = path.join(folder, 'one', 'kubeconfig');
  t.true(await writeKubeconfig({ gate, cluster, identity, file }));
  t.is(statSync(file).mode & 0o777, 0o600);
  const access = await readAdminAccess(file);
  t.is(access?.server, 'https://127.0.0.1:16443');
  t.is(access?.authority, identity['kubernetes.crt']);
  t.is(access === undefined ? 0 : daysLeft(access, new Date()), 364);
  const text = readFileSync(file, 'utf8');
  t.false(await writeKubeconfig({ gate, cluster, identity, file }));
  t.is(readFileSync(file, 'utf8'), text);
});

test('is renewed when under 30 days are left, and not before', async (t) => {
  const file = path.join(folder, 'two');
  const made = new Date(Date.now() - 334 * DAY);
  await writeKubeconfig({ gate, cluster, identity, file, now: made });
  t.false(
    await writeKubeconfig({ gate, cluster, identity, file, now: new Date(made.getTime() + 334 * DAY) }),
  );
  t.true(await writeKubeconfig({ gate, cluster, identity, file, now: new Date(made.getTime() + 336 * DAY) }));
});

test('is written again for another port, another authority, and over what is no kubeconfig', async (t) => {
  const file = path.join(folder, 'three');
  writeFileSync(file, 'not: a kubeconfig\n');
  chmodSync(file, 0o644);
  t.true(await writeKubeconfig({ gate, cluster, identity, file }));
  t.is(statSync(file).mode & 0o777, 0o600);
  const moved = { ...cluster, network: { ...cluster.network, apiPort: 16500 } };
  t.true(await writeKubeconfig({ gate, cluster: moved, identity, file }));
  const other = await createIdentity({ cluster: 'demo' });
  t.true(await writeKubeconfig({ gate, cluster: moved, identity: other, file }));
});

test('one that cannot be used says so, with the mend', async (t) => {
  const file = path.join(folder, 'four');
  writeFileSync(file, 'clusters: []\nusers: []\n');
  await t.throwsAsync(readAdminAccess(file), { code: 'CLUSTER_INVALID', message: /names no cluster/ });
  t.is(await readAdminAccess(path.join(folder, 'none')), undefined);
});
