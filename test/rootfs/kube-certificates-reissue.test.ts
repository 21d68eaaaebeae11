import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { certificate, master, names, only, PKI, TABLE } from './certificate-node.js';
import { writeBundle, writeNodeEnv } from './identity-node.js';

test.serial('what is right stays as it is, and there is nothing to say', async (t) => {
  const node = await master();
  node.run('kube-certificates');
  const before = node.read(`${PKI}/etcd/server.crt`);
  rmSync(path.join(node.root, 'run/kubernetes/reissued'));
  const { status, stdout, stderr } = node.run('kube-certificates');
  t.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' });
  t.is(node.read(`${PKI}/etcd/server.crt`), before);
  t.false(existsSync(path.join(node.root, 'run/kubernetes/reissued')));
});

test.serial(
  'a new address: only what holds the address is issued again, with a new key, and the reason is told',
  async (t) => {
    const node = await master();
    node.run('kube-certificates');
    rmSync(path.join(node.root, 'run/kubernetes/reissued'));
    const key = node.read(`${PKI}/kube-apiserver/server.key`);
    const client = node.read(`${PKI}/kube-scheduler/client.crt`);
    writeNodeEnv(node, { roles: 'master', address: '10.0.2.99' });
    const change = 'names changed: with 10.0.2.99 without 10.0.2.15';
    t.is(
      node.run('kube-certificates').stdout,
      `kiln: certificates issued: etcd/server (${change}), etcd/peer (${change}), kube-apiserver/server (${change})\n` +
        'kiln: owners of new certificates: etcd kube-apiserver\n',
    );
    t.true(names(certificate(node, 'kube-apiserver/server')).includes('IP Address:10.0.2.99'));
    t.not(node.read(`${PKI}/kube-apiserver/server.key`), key);
    t.is(node.read(`${PKI}/kube-scheduler/client.crt`), client);
    t.is(node.read('/run/kubernetes/reissued'), 'etcd\nkube-apiserver\n');
  },
);

test.serial(
  'a new name, an end that is near, another authority, half a pair: each is a reason',
  async (t) => {
    const node = await master();
    node.write(TABLE, only(node, 'etcd peer'));
    const issue = (): string => node.run('kube-certificates').stdout.split('\n')[0] ?? '';
    issue();
    writeNodeEnv(node, { roles: 'master', name: 'node-2' });
    t.is(issue(), 'kiln: certificates issued: etcd/peer (was for "CN=node-1")');
    const table = node.read(TABLE);
    node.write(TABLE, table.replace(' 365 90 ', ' 365 366 '));
    t.is(issue(), 'kiln: certificates issued: etcd/peer (fewer than 366 days left)');
    node.write(TABLE, table);
    t.is(issue(), '');
    rmSync(path.join(node.root, PKI, 'etcd/peer.key'));
    t.is(issue(), 'kiln: certificates issued: etcd/peer (missing)');
    node.write(`${PKI}/etcd/peer.crt`, 'torn');
    t.is(issue(), 'kiln: certificates issued: etcd/peer (was for "")');
    await writeBundle(node, '/new', { roles: 'master' });
    for (const file of ['etcd.crt', 'etcd.key'])
      node.write(`${PKI}/ca/${file}`, node.read(`/new/master/ca/${file}`));
    t.is(
      issue(),
      "kiln: certificates issued: etcd/peer (not valid by today's authority etcd and this clock)",
    );
    t.true(certificate(node, 'etcd/peer').verify(certificate(node, 'ca/etcd').publicKey));
  },
);

test.serial('one torn certificate among many: only that one is issued again', async (t) => {
  const node = await master();
  node.run('kube-certificates');
  node.write(`${PKI}/etcd/peer.crt`, 'torn');
  t.regex(
    node.run('kube-certificates').stdout,
    /^kiln: certificates issued: etcd\/peer \(was for ""\)\nkiln: owners of new certificates: etcd\n$/,
  );
  t.is(node.run('kube-certificates').stdout, '');
});
