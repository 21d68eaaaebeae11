import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createNode, type Node } from './node.js';
import { ENVIRONMENT, preflight, soundNode } from './preflight-node.js';

for (const role of ['minion', 'master', 'etcd', 'lb', 'master minion']) {
  test(`a sound node with the role ${role} passes in silence`, (t) => {
    const node = soundNode(role);
    t.deepEqual(preflight(node, 'node'), { status: 0, stdout: '', stderr: '' });
    t.true(existsSync(path.join(node.root, ENVIRONMENT)));
  });
}

test('a node without a role is looked at no further', (t) => {
  const node = createNode();
  t.deepEqual(preflight(node, 'node'), { status: 0, stdout: '', stderr: '' });
});

for (const [route, range] of [
  ['10.244.7.0/24 dev eth2 proto kernel scope link src 10.244.7.4', 'pod network 10.244.0.0/16'],
  ['10.0.0.0/8 via 10.0.2.9 dev eth0', 'pod network 10.244.0.0/16'],
  ['10.111.255.255 via 10.0.2.9 dev eth0', 'service network 10.96.0.0/12'],
] as const) {
  test(`the route ${route} is named as overlapping`, (t) => {
    const node = soundNode('master');
    node.write('/routes', `default via 10.0.2.2 dev eth0\n10.0.2.0/24 dev eth0 scope link\n${route}\n`);
    refused(t, node, [`the ${range} overlaps a route of this machine: ${route}`]);
  });
}

test("the pod network's own routes, of an earlier start, are no overlap, nor are neighbours", (t) => {
  const node = soundNode('minion');
  node.write(
    '/routes',
    `10.244.1.0/24 dev cni0 proto kernel scope link src 10.244.1.1
10.244.2.0/24 via 10.0.2.16 dev eth0 proto 148
10.243.0.0/16 via 10.0.2.9 dev eth0
10.112.0.0/12 via 10.0.2.9 dev eth0
172.17.0.0/16 dev docker0
`,
  );
  t.is(preflight(node, 'node').status, 0);
});

test('a missing module is named; one that loads, or is part of the kernel, is not', (t) => {
  const node = soundNode('minion');
  node.write(
    '/etc/modules-load.d/kiln.conf',
    '# Made by kiln.\nbr_netfilter\noverlay\nip-vs\nnf_conntrack\n',
  );
  node.program('modprobe', '[ "$2" = nf_conntrack ]');
  refused(t, node, ['lacks modules that pods need: ip_vs\n']);
});

test("overlay that does not work is told with the kernel's own words", (t) => {
  const node = soundNode('minion');
  node.program('mount', 'echo "mount: /x: wrong fs type" >&2; exit 32');
  refused(t, node, ['overlay does not work on the file system of /var/lib/containerd (', 'wrong fs type']);
  t.is(execFileSync('ls', ['-A', `${node.root}/var/lib/containerd`], { encoding: 'utf8' }), '');
});

test('xfs without file types is refused, though it takes the mount', (t) => {
  const node = soundNode('minion');
  node.program('stat', 'echo xfs');
  node.program('xfs_info', 'echo "naming =version 2 bsize=4096 ascii-ci=0 ftype=0"');
  refused(t, node, ['xfs without file types (ftype=0)']);
  node.program('xfs_info', 'echo "naming =version 2 bsize=4096 ascii-ci=0, ftype=1"');
  const again = soundNode('minion');
  again.program('stat', 'echo xfs');
  again.program('xfs_info', 'echo "naming =version 2 bsize=4096 ascii-ci=0, ftype=1"');
  t.is(preflight(again, 'node').status, 0);
});

test('swap is turned off, and told when that fails', (t) => {
  const swaps = 'Filename Type Size Used Priority\n/dev/vda3 partition 1 0 -2\n';
  const node = soundNode('minion');
  node.write('/proc/swaps', swaps);
  node.program('swapoff', 'echo "Filename Type" > "$KILN_ROOT/proc/swaps"');
  t.deepEqual(preflight(node, 'node'), {
    status: 0,
    stdout: 'kiln: swap was on: it is off now\n',
    stderr: '',
  });
  const stuck = soundNode('minion');
  stuck.write('/proc/swaps', swaps);
  stuck.program('swapoff', 'exit 1');
  refused(t, stuck, ['swap is on and cannot be turned off: /dev/vda3']);
});

test('a port of the role that another program holds is told with its name', (t) => {
  const node = soundNode('master');
  node.program(
    'ss',
    `cat << END
tcp   LISTEN 0      4096       0.0.0.0:6443      0.0.0.0:*    users:(("nginx",pid=612,fd=6))
tcp   LISTEN 0      4096     127.0.0.1:10250     0.0.0.0:*    users:(("other",pid=7,fd=3))
udp   UNCONN 0      0             *:2379             *:*      users:(("udp",pid=9,fd=3))
tcp   LISTEN 0      128      10.0.2.15:2381      0.0.0.0:*    users:(("elsewhere",pid=9,fd=3))
END`,
  );
  const stderr = refused(t, node, [
    'port 6443/tcp, which kube-apiserver.service needs, is taken by nginx (process 612)',
  ]);
  t.is(stderr.match(/FAILED/g)?.length, 1);
  const running = soundNode('master');
  running.program('ss', 'echo "tcp LISTEN 0 4096 *:6443 *:* users:((\\"kube-apiserver\\",pid=612,fd=6))"');
  running.program('systemctl', '[ "$*" = "--quiet is-active kube-apiserver.service" ]');
  t.is(preflight(running, 'node').status, 0, 'the unit itself, when this is started by hand');
});

test('all that is wrong is told at once', (t) => {
  const node = soundNode('minion');
  node.write('/routes', '10.244.0.0/24 dev lxc0\n10.96.0.0/24 dev lxc1\n');
  node.write('/etc/modules-load.d/kiln.conf', 'missing\n');
  node.program('mount', 'exit 1');
  const stderr = refused(t, node, []);
  t.is(stderr.match(/^kiln: FAILED: /gm)?.length, 4);
  t.is(stderr.match(/^kiln: MEND: /gm)?.length, 4);
});

function refused(t: ExecutionContext, node: Node, says: string[]): string {
  const { status, stderr } = preflight(node, 'node');
  t.is(status, 1);
  for (const each of says) t.true(stderr.includes(each), stderr);
  t.regex(stderr, /^kiln: MEND: ./m);
  t.false(existsSync(path.join(node.root, ENVIRONMENT)), 'no role unit starts');
  t.true(existsSync(path.join(node.root, `${ENVIRONMENT}.refused`)));
  return stderr;
}
