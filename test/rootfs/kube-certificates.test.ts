import { createPrivateKey } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { certificate, install, left, master, names, only, PKI, TABLE } from './certificate-node.js';
import { createRoleNode, writeBundle, writeNodeEnv } from './identity-node.js';

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

test.serial(
  'a master gets every certificate of its services, each right and each with its own key',
  async (t) => {
    const node = await master();
    const { status, stdout, stderr } = node.run('kube-certificates');
    t.deepEqual({ status, stderr }, { status: 0, stderr: '' });
    t.regex(
      stdout,
      /^kiln: certificates issued: etcd\/server \(missing\), etcd\/peer \(missing\), kube-apiserver\/server \(missing\)/,
    );
    t.regex(
      stdout,
      /kiln: owners of new certificates: etcd kube-apiserver kube-controller-manager kube-scheduler kube-addons kube-approver\n$/,
    );
    const server = certificate(node, 'kube-apiserver/server');
    t.is(server.subject, 'CN=kube-apiserver');
    t.deepEqual(names(server), [
      'DNS:kubernetes',
      'DNS:kubernetes.default',
      'DNS:kubernetes.default.svc',
      'DNS:kubernetes.default.svc.cluster.local',
      'DNS:lb.demo.k8s',
      'DNS:localhost',
      'DNS:masters.demo.k8s',
      'DNS:node-1',
      'IP Address:10.0.2.15',
      'IP Address:10.96.0.1',
      'IP Address:127.0.0.1',
    ]);
    t.deepEqual(server.keyUsage, [SERVER_AUTH]);
    t.false(server.ca);
    const etcd = certificate(node, 'etcd/server');
    t.deepEqual(etcd.keyUsage, [SERVER_AUTH, CLIENT_AUTH], 'etcd uses what it serves with as a client too');
    t.deepEqual(names(etcd), [
      'DNS:etcd.demo.k8s',
      'DNS:localhost',
      'DNS:node-1',
      'IP Address:10.0.2.15',
      'IP Address:127.0.0.1',
    ]);
    const addons = certificate(node, 'kube-addons/client');
    t.is(addons.subject, 'O=system:masters\nCN=kiln:addons');
    t.deepEqual(addons.keyUsage, [CLIENT_AUTH]);
    t.is(addons.subjectAltName, undefined);
  },
);

test.serial(
  'each is signed by its own authority, dated back, with a random serial number and a private key of mode 0600',
  async (t) => {
    const node = await master();
    node.run('kube-certificates');
    const authorities = {
      'kube-apiserver/server': 'kubernetes',
      'kube-apiserver/etcd-client': 'etcd',
      'kube-apiserver/front-proxy-client': 'front-proxy',
      'etcd/peer': 'etcd',
      'kube-scheduler/client': 'kubernetes',
    };
    const serials = new Set<string>();
    const keys = new Set<string>();
    for (const [leaf, authority] of Object.entries(authorities)) {
      const issued = certificate(node, leaf);
      t.true(issued.verify(certificate(node, `ca/${authority}`).publicKey), leaf);
      t.true(issued.checkPrivateKey(createPrivateKey(node.read(`${PKI}/${leaf}.key`))), leaf);
      t.is(issued.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
      t.is(statSync(path.join(node.root, PKI, `${leaf}.key`)).mode & 0o777, 0o600);
      const age = Date.now() - Date.parse(issued.validFrom);
      t.true(age > 250_000 && age < 600_000, `${leaf} is valid from ${issued.validFrom}`);
      const days = (Date.parse(issued.validTo) - Date.now()) / 86_400_000;
      t.true(days > 364 && days <= 365, `${leaf} ends ${issued.validTo}`);
      t.is(issued.serialNumber.length, 32, 'at least 64 random bits (CA/Browser Forum), here 104');
      serials.add(issued.serialNumber);
      keys.add(node.read(`${PKI}/${leaf}.key`));
    }
    t.is(serials.size, 5);
    t.is(keys.size, 5);
    t.deepEqual(left(node), [], 'nothing of the making stays behind');
  },
);

test.serial(
  'a minion issues nothing, and a master of a cluster with etcd nodes nothing for etcd',
  async (t) => {
    const minion = createRoleNode('minion');
    t.deepEqual(minion.run('kube-certificates'), { status: 0, stdout: '', stderr: '' });
    const node = await master();
    node.write('/run/kubernetes/etcd-elsewhere', '');
    node.run('kube-certificates');
    t.false(existsSync(path.join(node.root, PKI, 'etcd/server.crt')));
    t.true(existsSync(path.join(node.root, PKI, 'kube-apiserver/etcd-client.crt')));
  },
);

test.serial('an etcd node issues only what etcd needs', async (t) => {
  const node = createRoleNode('etcd');
  await writeBundle(node, '/bundle', { roles: 'etcd' });
  install(node, 'etcd');
  t.is(
    node.run('kube-certificates').stdout,
    'kiln: certificates issued: etcd/server (missing), etcd/peer (missing)\nkiln: owners of new certificates: etcd\n',
  );
});

test.serial(
  'a long host name still makes a certificate: the common name is cut, the name is whole',
  async (t) => {
    const name = `node-${'a'.repeat(50)}.${'b'.repeat(40)}.example`;
    const node = await master();
    node.write(TABLE, only(node, 'etcd server'));
    writeNodeEnv(node, { roles: 'master', name });
    t.is(node.run('kube-certificates').status, 0);
    t.is(certificate(node, 'etcd/server').subject, `CN=${name.slice(0, 64)}`);
    t.true(names(certificate(node, 'etcd/server')).includes(`DNS:${name}`));
    t.is(node.run('kube-certificates').stdout, '');
  },
);

test.serial("each owner's new files belong to its user, where there is one", async (t) => {
  const node = await master();
  node.program('getent', 'echo "etcd:x:990:990::/:/bin/false"; exit 2');
  node.program('chown', 'echo "$*" >> "$KILN_ROOT/owned"');
  t.is(node.run('kube-certificates').status, 0);
  t.regex(node.read('/owned'), /^-R etcd:etcd \S+\/new\/key\/etcd \S+\/new\/crt\/etcd\n$/);
});

test.serial('the units to look after can be given', async (t) => {
  const node = await master();
  t.regex(
    node.run('kube-certificates', { args: ['kube-scheduler.service', 'kubelet.service'] }).stdout,
    /^kiln: certificates issued: kube-scheduler\/client \(missing\)\n/,
  );
});
