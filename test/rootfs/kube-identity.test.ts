import { existsSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { createNode, type Node } from './node.js';

const GATE = '/run/kubernetes/identity';
const UNIT = 'ExecStart=/usr/local/bin/kubelet --ca=/etc/kubernetes/pki/kubelet/ca.crt\n';

test('no identity disk: one clear line, no failure, gate shut', (t) => {
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

test('without a role there is nothing to fetch and nothing to say', (t) => {
  const { status, stdout, stderr } = createNode().run('kube-identity');
  t.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' });
});

test('a role whose units need no identity is not told that they stay down', (t) => {
  const node = createNode();
  node.write('/run/kubernetes/node.env', 'CLUSTER_NAME=demo\nNODE_ROLES="lb"\n');
  t.is(node.run('kube-identity').stdout, 'kiln: role lb needs no identity\n');
});

test('the disk is mounted read-only, its part for this role copied, the gate opened', (t) => {
  const node = withDisk(minion());
  const { status, stderr } = node.run('kube-identity');
  t.is(status, 0, stderr);
  t.is(node.read('/etc/kubernetes/pki/kubelet/ca.crt'), 'the CA\n');
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

test('at the next boot the identity is in place, disk or no disk', (t) => {
  const node = withDisk(minion());
  node.run('kube-identity');
  node.program('blkid', 'exit 2');
  const { status, stdout } = node.run('kube-identity');
  t.is(status, 0);
  t.is(stdout, 'kiln: the identity of cluster demo is in place\n');
  t.true(exists(node, GATE));
});

test('the identity of another cluster is refused', (t) => {
  const node = withDisk(minion());
  node.write('/disk/cluster.env', 'CLUSTER_NAME=other\n');
  const { status, stderr } = node.run('kube-identity');
  t.is(status, 1);
  t.regex(stderr, /the identity given to this node is of cluster "other", its marker says "demo"/);
  t.false(exists(node, GATE));
  t.false(exists(node, '/etc/kubernetes/pki/kubelet'));
});

test('a node that changes clusters is refused', (t) => {
  const node = withDisk(minion());
  node.run('kube-identity');
  node.write('/run/kubernetes/node.env', 'CLUSTER_NAME=new\nNODE_ROLES="minion"\n');
  t.regex(
    node.run('kube-identity').stderr,
    /holds the identity of cluster "demo", but its marker says "new"/,
  );
  t.false(exists(node, GATE), 'the gate of the boot before is shut again');
});

test('an identity that lacks what a unit names is refused, and the file is named', (t) => {
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

test('a link on the disk is not followed into the node', (t) => {
  const node = withDisk(minion());
  node.write('/secret', 'of the node\n');
  symlinkSync(path.join(node.root, 'secret'), path.join(node.root, 'disk/minion/kubelet/extra'));
  const { status, stderr } = node.run('kube-identity');
  t.is(status, 1);
  t.regex(stderr, /no plain file: minion\/kubelet\/extra/);
  t.false(exists(node, GATE));
});

test('a channel that breaks is a failure, not silence', (t) => {
  const node = withDisk(minion());
  node.program('mount', 'echo "mount: wrong fs type" >&2; exit 32');
  const { status, stderr } = node.run('kube-identity');
  t.is(status, 1);
  t.regex(stderr, /the identity disk \/dev\/vdb \(label KILN-ID\) cannot be mounted/);
  t.regex(stderr, /the identity channel disk failed/);
});

/** A minion whose kubelet is gated on the identity. */
function minion(): Node {
  const node = createNode();
  node.write('/run/kubernetes/node.env', 'CLUSTER_NAME=demo\nNODE_ROLES="minion"\n');
  node.write('/usr/lib/systemd/system/kubelet.service', UNIT);
  node.write('/usr/lib/systemd/system/kubelet.service.d/05-identity.conf', '[Unit]\n');
  return node;
}

/** Mounting needs a real disk; here it copies a folder and notes how it was asked. */
function withDisk(node: Node): Node {
  node.write('/disk/cluster.env', 'CLUSTER_NAME=demo\nKUBE_ETCD_SERVERS=https://etcd.demo.k8s:2379\n');
  node.write('/disk/minion/kubelet/ca.crt', 'the CA\n');
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
