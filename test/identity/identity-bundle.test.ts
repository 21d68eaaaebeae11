import test from 'ava';
import { loadIdentityCatalog } from '../../src/catalog/identity.js';
import { createIdentity } from '../../src/identity/create-identity.js';
import { identityBundle } from '../../src/identity/identity-bundle.js';
import { clusterEnvironment } from '../../src/launch/cluster-environment.js';
import { aCluster } from '../launch/a-cluster.js';

const identity = await createIdentity({ cluster: 'demo' });
const clusterEnv = { CLUSTER_NAME: 'demo', ETCD_PLACEMENT: 'stacked', ETCD_SIZE: '3' };
const { bundles, authorities } = loadIdentityCatalog();

for (const [role, owners] of Object.entries(bundles)) {
  test(`${role} is given exactly the files of the catalog`, (t) => {
    const { 'cluster.env': _, ...files } = identityBundle({ identity, roles: [role], clusterEnv });
    const expected = Object.entries(owners).flatMap(([owner, wanted]) =>
      Object.entries(wanted).map(([file, secret]) => [`${role}/${owner}/${file}`, identity[secret]]),
    );
    t.deepEqual(files, Object.fromEntries(expected));
  });
}

test('a minion and a load balancer hold no private key, and only authorities sign where they must', (t) => {
  const secret = Object.keys(authorities).map((name) => identity[`${name}.key`]);
  for (const role of ['minion', 'lb']) {
    for (const [file, text] of Object.entries(identityBundle({ identity, roles: [role], clusterEnv }))) {
      t.false(secret.includes(text), file);
      t.notRegex(text, /PRIVATE KEY/, file);
    }
  }
});

test("a member of etcd holds no other authority's key, nor the key of service accounts", (t) => {
  const texts = Object.values(identityBundle({ identity, roles: ['etcd'], clusterEnv }));
  for (const name of ['kubernetes.key', 'front-proxy.key', 'sa.key', 'encryption.yaml', 'bootstrap.token']) {
    t.false(texts.includes(identity[name] ?? ''), name);
  }
});

test('several roles: the files of each, in its own folder', (t) => {
  const folders = Object.keys(identityBundle({ identity, roles: ['master', 'minion'], clusterEnv })).map(
    (file) => file.split('/')[0],
  );
  t.deepEqual([...new Set(folders)], ['cluster.env', 'master', 'minion']);
});

test('cluster.env has a line for each setting', (t) => {
  const { 'cluster.env': text } = identityBundle({ identity, roles: [], clusterEnv });
  t.is(text, 'CLUSTER_NAME=demo\nETCD_PLACEMENT=stacked\nETCD_SIZE=3\n');
});

test('takes all that an emulated cluster is set to', (t) => {
  const emulated = clusterEnvironment(aCluster([['master']]), { emulated: true });
  t.true(Object.keys(emulated).length > Object.keys(clusterEnv).length);
  const { 'cluster.env': text = '' } = identityBundle({ identity, roles: [], clusterEnv: emulated });
  t.is(text.trim().split('\n').length, Object.keys(emulated).length);
});

for (const [name, value] of [
  ['A', 'two words'],
  ['A', 'x\nB=y'],
  ['A', '$(reboot)'],
  ['A', '"'],
  ['a b', 'x'],
] as const) {
  test(`refuses the setting ${JSON.stringify(`${name}=${value}`)}`, (t) => {
    const settings = { ...clusterEnv, [name]: value };
    t.throws(() => identityBundle({ identity, roles: [], clusterEnv: settings }), { code: 'USAGE' });
  });
}

test('refuses settings that do not name the cluster, an unknown role, and an identity that lacks a secret', (t) => {
  t.throws(() => identityBundle({ identity, roles: [], clusterEnv: {} }), { code: 'USAGE' });
  t.throws(() => identityBundle({ identity, roles: ['worker'], clusterEnv }), { code: 'UNKNOWN_NAME' });
  const error = t.throws(() => identityBundle({ identity: {}, roles: ['minion'], clusterEnv }), {
    code: 'IDENTITY_INVALID',
  });
  t.regex(error.message, /has no kubernetes\.crt/);
});
