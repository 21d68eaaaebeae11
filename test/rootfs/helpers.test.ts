import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { createNode, type Node } from './node.js';

test('wait-for-file ends at once when the file is there, and in the end says what was missing', (t) => {
  const node = createNode();
  node.write('/var/there', '');
  t.deepEqual(node.run('wait-for-file', { args: ['/var/there', '5'] }), {
    status: 0,
    stdout: '',
    stderr: '',
  });
  const { status, stdout, stderr } = node.run('wait-for-file', { args: ['/var/missing', '0'] });
  t.is(status, 1);
  t.is(stdout, 'kiln: waiting up to 0 s for /var/missing\n');
  t.regex(stderr, /FAILED: \/var\/missing is still missing after 0 s/);
});

test('host keys are made once, with real ssh-keygen, closed to others', (t) => {
  const node = createNode();
  t.is(node.run('host-keys').status, 0);
  const keys = readdirSync(path.join(node.root, 'etc/ssh')).toSorted();
  t.deepEqual(keys, [
    'ssh_host_ecdsa_key',
    'ssh_host_ecdsa_key.pub',
    'ssh_host_ed25519_key',
    'ssh_host_ed25519_key.pub',
  ]);
  t.is(statSync(path.join(node.root, 'etc/ssh/ssh_host_ed25519_key')).mode & 0o077, 0);
  const before = node.read('/etc/ssh/ssh_host_ed25519_key');
  t.is(node.run('host-keys').status, 0);
  t.is(node.read('/etc/ssh/ssh_host_ed25519_key'), before);
});

test('a machine on which no host key can be made is told so', (t) => {
  const node = createNode();
  node.program('ssh-keygen', 'exit 1');
  const { status, stderr } = node.run('host-keys');
  t.is(status, 1);
  t.regex(stderr, /no ssh host key, so sshd cannot start/);
});

test('baked images are imported once, in the namespace of Kubernetes, and their names pinned', (t) => {
  const node = createNode();
  node.write('/usr/share/kiln/images/pause.tar', 'tar');
  node.program(
    'ctr',
    `echo "$*" >> "$KILN_ROOT/calls"; case "$*" in *"images list"*) echo registry.k8s.io/pause:3.9; echo sha256:abc ;; esac`,
  );
  t.is(node.run('import-images').status, 0);
  t.is(
    node.read('/calls'),
    `--namespace k8s.io images import ${node.root}/usr/share/kiln/images/pause.tar
--namespace k8s.io images list --quiet
--namespace k8s.io images label registry.k8s.io/pause:3.9 io.cri-containerd.pinned=pinned
`,
  );
  node.run('import-images');
  t.is(node.read('/calls').split('\n').length, 4, 'nothing the second time');
});

test('an archive that cannot be imported is tried again at the next start', (t) => {
  const node = createNode();
  node.write('/usr/share/kiln/images/pause.tar', 'tar');
  node.program('ctr', 'exit 1');
  t.regex(node.run('import-images').stderr, /pause\.tar cannot be imported/);
  t.false(existsSync(path.join(node.root, 'var/lib/containerd/kiln-imported/pause.tar')));
});

test('routes: one per other node, stale ones removed, the unreachable named', (t) => {
  const node = withCluster(
    'node-1 10.0.2.15 10.244.0.0/24\nnode-2 10.0.2.16 10.244.1.0/24\nnode-3 10.9.9.9 10.244.2.0/24\nnode-4 10.0.2.18 \n',
  );
  const { status, stdout } = routes(node);
  t.is(status, 0);
  t.is(
    node.read('/changes'),
    `ip -4 route replace 10.244.1.0/24 via 10.0.2.16 dev eth0 proto 148
ip -4 route replace 10.244.2.0/24 via 10.9.9.9 dev eth0 proto 148
ip -4 route del 10.244.7.0/24 proto 148
`,
  );
  t.is(stdout, 'kiln: routes to the pods of 2 other nodes; not reachable on eth0: 10.9.9.9\n');
});

test('routes: only ranges of the pod network, whatever a node writes into its own', (t) => {
  const ranges = [
    '0.0.0.0/0',
    '10.89.0.0/24',
    '10.244.0.0/15',
    '10.245.0.0/24',
    '10.96.0.1/32',
    '10.244.9.0',
  ];
  const nodes = ranges.map((range, index) => `bad-${index} 10.0.2.2${index} ${range}\n`);
  const node = withCluster(
    `${nodes.join('')}good-1 10.0.2.16 10.244.1.0/24\ngood-2 10.0.2.17 10.244.255.0/24\n`,
  );
  t.is(routes(node).stdout, 'kiln: routes to the pods of 2 other nodes\n');
  t.is(
    node.read('/changes'),
    `ip -4 route replace 10.244.1.0/24 via 10.0.2.16 dev eth0 proto 148
ip -4 route replace 10.244.255.0/24 via 10.0.2.17 dev eth0 proto 148
ip -4 route del 10.244.7.0/24 proto 148
`,
  );
});

test('routes stay when the API server does not answer', (t) => {
  const node = withCluster('');
  node.program('kubectl', 'exit 1');
  t.is(routes(node).stdout, 'kiln: the API server does not answer; the routes stay as they are\n');
  t.false(existsSync(path.join(node.root, 'changes')));
});

test('what the pod network forwards is let through, once', (t) => {
  const node = withCluster('node-1 10.0.2.15 10.244.0.0/24\n');
  node.program(
    'iptables',
    'case "$*" in *-C*) grep -qxe "$(echo "$*" | sed s/-C/-I/)" "$KILN_ROOT/rules" 2> /dev/null ;; *) echo "$*" >> "$KILN_ROOT/rules" ;; esac',
  );
  routes(node);
  routes(node);
  const forwarded = node
    .read('/rules')
    .split('\n')
    .filter((line) => line.includes('FORWARD'));
  t.deepEqual(forwarded, [
    '-w -I FORWARD -s 10.244.0.0/16 -j ACCEPT',
    '-w -I FORWARD -d 10.244.0.0/16 -j ACCEPT',
  ]);
});

test('a drop that no rule of ours can undo is told', (t) => {
  const node = withCluster('node-1 10.0.2.15 10.244.0.0/24\n');
  node.program('iptables', 'exit 1');
  node.program(
    'nft',
    'case "$*" in *"list chains"*) echo "type filter hook forward priority filter; policy drop;" ;; esac',
  );
  t.regex(routes(node).stdout, /drops what it forwards/);
});

test('what leaves the pod network is masqueraded, with nftables where there is no iptables', (t) => {
  const node = withCluster('node-1 10.0.2.15 10.244.0.0/24\n');
  node.program('iptables', 'exit 1');
  node.program('nft', '[ "$1" = -f ] || exit 1; cat > "$KILN_ROOT/nft"');
  routes(node);
  t.regex(node.read('/nft'), /ip saddr 10\.244\.0\.0\/16 ip daddr != 10\.244\.0\.0\/16 masquerade/);
});

test('weave: peers by DNS, started from the baked image', (t) => {
  const node = createNode();
  node.program('getent', 'echo "10.0.0.2 STREAM a"; echo "10.0.0.2 DGRAM"; echo "10.0.0.3 STREAM b"');
  node.program('ctr', 'echo "$*" >> "$KILN_ROOT/calls"');
  const env = {
    WEAVE_IMAGE: 'docker.io/weaveworks/weave-kube:2.8.1',
    POD_CIDR: '10.32.0.0/12',
    NODE_NAME: 'n1',
    NODE_IP: '10.0.0.2',
    KUBE_MINIONS: 'minions.demo.k8s',
  };
  t.is(node.run('weave', { args: ['run'], env }).status, 0);
  t.regex(
    node.read('/calls'),
    /run --rm --privileged --net-host .*--env PEERS=10\.0\.0\.2 10\.0\.0\.3 +--env PEER_COUNT=2/,
  );
  t.is(node.run('weave', { args: ['walk'], env }).status, 1);
});

/** A node whose API server knows `nodes`; the kernel has one stale route of ours and refuses gateways in 10.9. */
function withCluster(nodes: string): Node {
  const node = createNode();
  node.write('/nodes', nodes);
  node.program('kubectl', 'cat "$KILN_ROOT/nodes"');
  node.program('iptables', 'exit 0');
  node.program(
    'ip',
    `case "$*" in
*"route show"*) echo "10.244.7.0/24 via 10.0.2.99 dev eth0" ;;
*) echo "ip $*" >> "$KILN_ROOT/changes"; case "$*" in *"via 10.9."*) exit 2 ;; esac ;;
esac`,
  );
  return node;
}

function routes(node: Node) {
  return node.run('kube-routes', {
    env: { KILN_ROUTES_ONCE: '1', NODE_NAME: 'node-1', NODE_INTERFACE: 'eth0', POD_CIDR: '10.244.0.0/16' },
  });
}
