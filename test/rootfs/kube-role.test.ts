import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { repositoryPath } from '../../src/repository.js';
import { createNode, type Node } from './node.js';

const ENVIRONMENT = '/run/kubernetes/node.env';

for (const role of ['etcd', 'master', 'minion', 'lb']) {
  test(`a node with the marker of ${role} knows its name, address and cluster`, (t) => {
    const node = createNode();
    mark(node, role, 'CLUSTER_NAME=demo');
    const { status, stdout, stderr } = node.run('kube-role');
    t.is(status, 0, stderr);
    t.is(stderr, '');
    t.is(stdout, `kiln: roles: ${role} (cluster demo, node node-1.example, address 10.0.2.15)\n`);
    t.is(
      node.read(ENVIRONMENT),
      `CLUSTER_NAME=demo
NODE_ROLES="${role}"
NODE_NAME=node-1.example
NODE_IP=10.0.2.15
NODE_INTERFACE=eth0
KUBE_MASTERS=masters.demo.k8s
KUBE_MINIONS=minions.demo.k8s
KUBE_ETCD=etcd.demo.k8s
KUBE_API_SERVER=https://masters.demo.k8s:6443
KUBE_ETCD_SERVERS=https://127.0.0.1:2379
KUBE_NAMESERVER=10.0.2.3
`,
    );
  });
}

test('a node may hold two roles', (t) => {
  const node = createNode();
  mark(node, 'master', 'CLUSTER_NAME=demo\n');
  mark(node, 'minion', '# written by cloud-init\r\nCLUSTER_NAME="demo"\r\n');
  t.is(node.run('kube-role').status, 0);
  t.regex(node.read(ENVIRONMENT), /^NODE_ROLES="master minion"$/m);
});

test('without a marker the node stays idle and nothing is wrong', (t) => {
  const node = createNode();
  const { status, stdout, stderr } = node.run('kube-role');
  t.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  t.is(stdout, 'kiln: no role marker: this node stays idle\n');
  t.false(hasEnvironment(node));
});

test('kubeconfigs name the masters of this cluster and hold no secret', (t) => {
  const node = createNode();
  mark(node, 'minion', 'CLUSTER_NAME=demo');
  node.run('kube-role');
  t.regex(node.read('/run/kubernetes/kubelet.kubeconfig'), /server: 'https:\/\/masters\.demo\.k8s:6443'/);
  t.regex(node.read('/run/kubernetes/kube-scheduler.kubeconfig'), /server: https:\/\/127\.0\.0\.1:6443/);
});

test('a marker may name the interface', (t) => {
  const node = createNode();
  mark(node, 'minion', 'CLUSTER_NAME=demo\nNODE_INTERFACE=eth1\n');
  t.is(node.run('kube-role').status, 0);
  t.regex(node.read(ENVIRONMENT), /^NODE_IP=10\.9\.0\.7\nNODE_INTERFACE=eth1$/m);
});

const WRONG: Record<string, { markers: Record<string, string>; says: RegExp[] }> = {
  'a misspelt marker': {
    markers: { masters: 'CLUSTER_NAME=demo' },
    says: [
      /kubernetes-masters: there is no role "masters"/,
      /did you mean \/etc\/sysconfig\/kubernetes-master\?/,
    ],
  },
  'a marker far from every role': {
    markers: { 'something-else-altogether': 'CLUSTER_NAME=demo' },
    says: [/there is no role "something-else-altogether"/, /MEND: the roles are: etcd master minion lb/],
  },
  'an alias as a marker': {
    markers: { worker: 'CLUSTER_NAME=demo' },
    says: [/did you mean \/etc\/sysconfig\/kubernetes-minion\?/],
  },
  'a right marker beside a misspelt one': {
    markers: { master: 'CLUSTER_NAME=demo', minon: 'CLUSTER_NAME=demo' },
    says: [/there is no role "minon"/, /kubernetes-minion\?/, /no role unit starts/],
  },
  'an empty marker': {
    markers: { master: '' },
    says: [/kubernetes-master: it names no cluster/, /CLUSTER_NAME=<name>/],
  },
  'a misspelt setting': {
    markers: { master: 'CLUSTERNAME=demo' },
    says: [/unknown setting "CLUSTERNAME"/, /did you mean CLUSTER_NAME\?/, /names no cluster/],
  },
  'a name that is no DNS label': {
    markers: { master: 'CLUSTER_NAME=Demo_1' },
    says: [/"Demo_1" cannot be a cluster's name/],
  },
  'a name of 64 letters': {
    markers: { master: `CLUSTER_NAME=${'a'.repeat(64)}` },
    says: [/cannot be a cluster's name/],
  },
  'a name with a command in it': {
    markers: { master: 'CLUSTER_NAME=$(touch /tmp/x)' },
    says: [/cannot be a cluster's name/],
  },
  'two clusters': {
    markers: { master: 'CLUSTER_NAME=one', minion: 'CLUSTER_NAME=two' },
    says: [
      /kubernetes-minion: it says cluster "two", another marker of this node says "one"/,
      /a node belongs to one cluster/,
    ],
  },
  'two roles on one port': {
    markers: { master: 'CLUSTER_NAME=demo', lb: 'CLUSTER_NAME=demo' },
    says: [/the roles lb and master cannot share a node/],
  },
};

for (const [name, { markers, says }] of Object.entries(WRONG)) {
  test(`${name} is a loud failure and opens no gate`, (t) => {
    const node = createNode();
    // Left from before: a gate that must not stay open.
    node.write(ENVIRONMENT, 'CLUSTER_NAME=old\n');
    for (const [role, content] of Object.entries(markers)) mark(node, role, content);
    const { status, stdout, stderr } = node.run('kube-role');
    t.is(status, 1);
    for (const line of says) t.regex(stdout + stderr, line);
    t.regex(stderr, /^kiln: FAILED: .*\nkiln: MEND: ./m);
    t.false(hasEnvironment(node));
  });
}

test('no default route is said with its mend', (t) => {
  const node = createNode();
  node.program('ip', 'exit 0');
  mark(node, 'minion', 'CLUSTER_NAME=demo');
  const { status, stderr } = node.run('kube-role');
  t.is(status, 1);
  t.regex(stderr, /no default route over IPv4[\s\S]*NODE_INTERFACE=<name>/);
  t.false(hasEnvironment(node));
});

test('it waits for the network, and says so', (t) => {
  const node = createNode();
  node.program(
    'ip',
    `[ -e "$KILN_ROOT/up" ] || { : > "$KILN_ROOT/up"; exit 0; }\ncase "$*" in *default*) echo "default via 10.0.2.2 dev eth0" ;; *) echo "2: eth0 inet 10.0.2.15/24" ;; esac`,
  );
  mark(node, 'minion', 'CLUSTER_NAME=demo');
  const { status, stdout } = node.run('kube-role', { env: { KILN_ROUTE_WAIT: '5' } });
  t.is(status, 0);
  t.regex(stdout, /^kiln: waiting up to 5 s for an IPv4 address on the interface of the default route\n/);
});

test('a long wait is told each minute with its mend, and a network that comes late is found', (t) => {
  const node = createNode();
  node.program('sleep', 'echo x >> "$KILN_ROOT/seconds"');
  node.program(
    'ip',
    `[ "$(grep -c . "$KILN_ROOT/seconds" 2> /dev/null)" -ge 125 ] || exit 1
case "$*" in
*"route show default"*) echo "default via 10.0.2.2 dev eth0" ;;
*"addr show dev eth0"*) echo "2: eth0    inet 10.0.2.15/24 scope global eth0" ;;
esac`,
  );
  mark(node, 'minion', 'CLUSTER_NAME=demo');
  const { status, stdout, stderr } = node.run('kube-role', { env: { KILN_ROUTE_WAIT: '86400' } });
  t.is(status, 0);
  t.deepEqual(
    [...stdout.matchAll(/waiting up to (\d+) s/g)].map(([, seconds]) => seconds),
    ['86400', '86340', '86280'],
  );
  t.is(stderr.match(/no default route over IPv4.*\nkiln: MEND: /g)?.length, 2);
  t.true(hasEnvironment(node));
});

test('the unit waits for a network for a day, kept by no limit of its own', (t) => {
  const unit = readFileSync(repositoryPath('units/kube-role.service'), 'utf8');
  t.regex(unit, /^Environment=KILN_ROUTE_WAIT=86400$/m);
  t.regex(unit, /^TimeoutStartSec=0$/m);
});

test('a machine without a name gets one from its address', (t) => {
  const node = createNode();
  node.program('uname', 'echo localhost.localdomain');
  mark(node, 'minion', 'CLUSTER_NAME=demo');
  node.run('kube-role');
  t.regex(node.read(ENVIRONMENT), /^NODE_NAME=node-10-0-2-15$/m);
});

test('a host name that cannot be a node name is refused', (t) => {
  const node = createNode();
  node.program('uname', 'echo my_node');
  mark(node, 'minion', 'CLUSTER_NAME=demo');
  t.regex(node.run('kube-role').stderr, /"my_node" cannot be a node's name/);
});

function mark(node: Node, role: string, content: string): void {
  node.write(`/etc/sysconfig/kubernetes-${role}`, content);
}

function hasEnvironment(node: Node): boolean {
  return existsSync(path.join(node.root, ENVIRONMENT));
}
