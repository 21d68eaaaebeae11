import { existsSync, rmSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { createIdentity } from '../../src/identity/create-identity.js';
import { createRoleNode, insertDisk, writeBundle } from './identity-node.js';
import { createNode, type Node } from './node.js';

/** kube-preflight looks into it. */
const CA = (await createIdentity({ cluster: 'demo' }))['kubernetes.crt'] ?? '';
const GATE = '/run/kubernetes/identity';
const UNIT = 'ExecStart=/usr/local/bin/kubelet --ca=/etc/kubernetes/pki/kubelet/ca.crt\n';

test.serial('no identity disk: one clear line, no failure, gate shut', (t) => {
  const node = minion();
  node.program('blkid', 'exit 2');
  const { status, stdout, stderr } = node.run('kube-identity');
  t.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  t.is(
    stdout,
    "kiln: no identity disk (label KILN-ID): units of role minion stay down (kubelet.service); give this machine its cluster's identity and reboot\n",
  );
  t.false(exists(node, GATE));
});

test.serial('without a role there is nothing to fetch and nothing to say', (t) => {
  const { status, stdout, stderr } = createNode().run('kube-identity');
  t.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' });
});

test.serial('a role whose units need no identity is not told that they stay down', (t) => {
  const node = createNode();
  node.write('/run/kubernetes/node.env', 'CLUSTER_NAME=demo\nNODE_ROLES="lb"\n');
  t.is(node.run('kube-identity').stdout, 'kiln: role lb needs no identity\n');
});

test.serial('the disk is mounted read-only, its part for this role copied, the gate opened', (t) => {
  const node = withDisk(minion());
  const { status, stderr } = node.run('kube-identity');
  t.is(status, 0, stderr);
  t.is(node.read('/etc/kubernetes/pki/kubelet/ca.crt'), CA);
  t.false(exists(node, '/etc/kubernetes/pki/kube-apiserver'), 'what another role needs stays away');
  t.is(mode(node, '/etc/kubernetes/pki/kubelet'), 0o700);
  t.is(mode(node, '/etc/kubernetes/pki/kubelet/ca.crt'), 0o600);
  t.is(
    node.read('/run/kubernetes/cluster.env'),
    'CLUSTER_NAME=demo\nKUBE_ETCD_SERVERS=https://etcd.demo.k8s:2379\n',
  );
  t.true(exists(node, GATE));
  t.is(node.read('/mounted'), '-o ro,nosuid,nodev,noexec /dev/vdb\n');
  t.true(exists(node, '/unmounted'));
});

test.serial('at the next boot the identity is in place, disk or no disk', (t) => {
  const node = withDisk(minion());
  node.run('kube-identity');
  node.program('blkid', 'exit 2');
  const { status, stdout } = node.run('kube-identity');
  t.is(status, 0);
  t.is(stdout, 'kiln: the identity of cluster demo is in place\n');
  t.true(exists(node, GATE));
});

test.serial('the identity of another cluster is refused', (t) => {
  const node = withDisk(minion());
  node.write('/disk/cluster.env', 'CLUSTER_NAME=other\n');
  const { status, stderr } = node.run('kube-identity');
  t.is(status, 1);
  t.regex(stderr, /the identity given to this node is of cluster "other", its marker says "demo"/);
  t.false(exists(node, GATE));
  t.false(exists(node, '/etc/kubernetes/pki/kubelet'));
});

test.serial('a node that changes clusters is refused', (t) => {
  const node = withDisk(minion());
  node.run('kube-identity');
  node.write('/run/kubernetes/node.env', 'CLUSTER_NAME=new\nNODE_ROLES="minion"\n');
  t.regex(
    node.run('kube-identity').stderr,
    /holds the identity of cluster "demo", but its marker says "new"/,
  );
  t.false(exists(node, GATE), 'the gate of the boot before is shut again');
});

test.serial('an identity that lacks what a unit names is refused, and the file is named', (t) => {
  const node = withDisk(minion());
  node.write(
    '/usr/lib/systemd/system/kubelet.service',
    `${UNIT}ExecStartPre=/bin/cat /etc/kubernetes/pki/kubelet/bootstrap.token\n`,
  );
  const { status, stderr } = node.run('kube-identity');
  t.is(status, 1);
  t.regex(stderr, /missing: \/etc\/kubernetes\/pki\/kubelet\/bootstrap\.token/);
  t.false(exists(node, GATE));
});

test.serial('a link on the disk is not followed into the node', (t) => {
  const node = withDisk(minion());
  node.write('/secret', 'of the node\n');
  symlinkSync(path.join(node.root, 'secret'), path.join(node.root, 'disk/minion/kubelet/extra'));
  const { status, stderr } = node.run('kube-identity');
  t.is(status, 1);
  t.regex(stderr, /no plain file: minion\/kubelet\/extra/);
  t.false(exists(node, GATE));
});

test.serial('a channel that breaks is a failure, not silence', (t) => {
  const node = withDisk(minion());
  node.program('mount', 'echo "mount: wrong fs type" >&2; exit 32');
  const { status, stderr } = node.run('kube-identity');
  t.is(status, 1);
  t.regex(stderr, /the identity disk \/dev\/vdb \(label KILN-ID\) cannot be mounted/);
  t.regex(stderr, /the identity channel disk failed/);
});

test.serial(
  'a node with two roles gets both bundles and issues its certificates before the gate opens',
  async (t) => {
    const node = await masterAndMinion({ ETCD_PLACEMENT: 'stacked', ETCD_SIZE: '1' });
    const { status, stdout, stderr } = node.run('kube-identity', { env: { KILN_NAME_WAIT: '0' } });
    t.is(status, 0, stderr);
    t.regex(stdout, /fetched through disk\n[\s\S]*certificates issued: etcd\/server \(missing\)/);
    for (const file of [
      'kubelet/bootstrap.token',
      'kube-apiserver/server.crt',
      'etcd/peer.key',
      'kube-approver/client.key',
    ]) {
      t.true(exists(node, `/etc/kubernetes/pki/${file}`), file);
    }
    t.is(
      node.read('/run/kubernetes/cluster.env'),
      'CLUSTER_NAME=demo\nETCD_PLACEMENT=stacked\nETCD_SIZE=1\n',
    );
    t.false(exists(node, '/run/kubernetes/etcd-elsewhere'));
    t.false(exists(node, '/run/kubernetes/reissued'), 'no service holds an old certificate yet');
    t.true(exists(node, GATE));
  },
);

test.serial(
  'with etcd on nodes of its own a master is told where, and its own etcd stays down',
  async (t) => {
    const node = await masterAndMinion({ ETCD_PLACEMENT: 'separate', ETCD_SIZE: '3' });
    const { status, stderr } = node.run('kube-identity', { env: { KILN_NAME_WAIT: '0' } });
    t.is(status, 0, stderr);
    t.regex(node.read('/run/kubernetes/cluster.env'), /^KUBE_ETCD_SERVERS=https:\/\/etcd\.demo\.k8s:2379$/m);
    t.true(exists(node, '/run/kubernetes/etcd-elsewhere'));
    t.false(
      exists(node, '/etc/kubernetes/pki/etcd/server.crt'),
      'nothing is issued for a service that does not run',
    );
    t.true(exists(node, GATE));
  },
);

test.serial('an etcd node of such a cluster runs etcd', async (t) => {
  const node = createRoleNode('etcd');
  await writeBundle(node, '/disk', {
    roles: 'etcd',
    clusterEnv: { ETCD_PLACEMENT: 'separate', ETCD_SIZE: '3' },
  });
  insertDisk(node);
  const { status, stderr } = node.run('kube-identity', { env: { KILN_NAME_WAIT: '0' } });
  t.is(status, 0, stderr);
  t.false(exists(node, '/run/kubernetes/etcd-elsewhere'));
  t.true(exists(node, '/etc/kubernetes/pki/etcd/peer.crt'));
});

test.serial('a placement of etcd that is none keeps the gate shut', async (t) => {
  const node = await masterAndMinion({ ETCD_PLACEMENT: 'stcked' });
  const { status, stderr } = node.run('kube-identity');
  t.is(status, 1);
  t.regex(stderr, /says ETCD_PLACEMENT=stcked/);
  t.false(exists(node, GATE));
});

test.serial('started again while services run, what was issued for them is still noted', async (t) => {
  const node = await masterAndMinion({ ETCD_PLACEMENT: 'stacked' });
  node.run('kube-identity', { env: { KILN_NAME_WAIT: '0' } });
  rmSync(path.join(node.root, 'etc/kubernetes/pki/etcd/peer.crt'));
  const { stdout } = node.run('kube-identity', { env: { KILN_NAME_WAIT: '0' } });
  t.regex(stdout, /identity of cluster demo is in place[\s\S]*certificates issued: etcd\/peer \(missing\)/);
  t.is(node.read('/run/kubernetes/reissued'), 'etcd\n');
});

async function masterAndMinion(clusterEnv: Record<string, string>): Promise<Node> {
  const node = createRoleNode('master minion');
  await writeBundle(node, '/disk', { roles: 'master minion', clusterEnv });
  insertDisk(node);
  return node;
}

/** A minion whose kubelet is gated on the identity. */
function minion(): Node {
  const node = createNode();
  node.write(
    '/run/kubernetes/node.env',
    'CLUSTER_NAME=demo\nNODE_ROLES="minion"\nKUBE_MASTERS=masters.demo.k8s\n',
  );
  node.write('/usr/lib/systemd/system/kubelet.service', UNIT);
  node.program('getent', 'echo 10.0.2.20 STREAM masters');
  node.write('/usr/lib/systemd/system/kubelet.service.d/05-identity.conf', '[Unit]\n');
  return node;
}

/** Mounting needs a real disk; here it copies a folder and notes how it was asked. */
function withDisk(node: Node): Node {
  node.write('/disk/cluster.env', 'CLUSTER_NAME=demo\nKUBE_ETCD_SERVERS=https://etcd.demo.k8s:2379\n');
  node.write('/disk/minion/kubelet/ca.crt', CA);
  node.write('/disk/master/kube-apiserver/sa.key', 'a secret of the masters\n');
  node.program('blkid', '[ "$*" = "-L KILN-ID" ] && echo /dev/vdb');
  node.program('mount', 'echo "$1 $2 $3" > "$KILN_ROOT/mounted"; cp -RP "$KILN_ROOT/disk/." "$4"');
  node.program('umount', ': > "$KILN_ROOT/unmounted"; find "$1" -mindepth 1 -delete');
  return node;
}

function exists(node: Node, file: string): boolean {
  return existsSync(path.join(node.root, file));
}

function mode(node: Node, file: string): number {
  return statSync(path.join(node.root, file)).mode & 0o777;
}
