import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { repositoryPath } from '../../src/repository.js';
import { createNode, type Node } from './node.js';

const ENVIRONMENT = '/run/kubernetes/node.env';

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

test('a clock outside the life of an authority is fatal, with both times', (t) => {
  const node = soundNode('master');
  certificate(node, 'kube-apiserver', ['-not_before', '20200101000000Z', '-not_after', '20200201000000Z']);
  const { status, stderr } = preflight(node, 'cluster', { KILN_CLOCK_WAIT: '0' });
  t.is(status, 1);
  t.regex(
    stderr,
    /it is .* GMT here, but the authority \/etc\/kubernetes\/pki\/kube-apiserver\/ca\.crt is valid from Jan {2}1 .*2020 GMT to Feb {2}1/,
  );
});

test('one authority among others that has ended, or cannot be read, is named', (t) => {
  const node = soundNode('master');
  certificate(node, 'etcd', ['-days', '2']);
  certificate(node, 'kube-apiserver', ['-not_before', '20200101000000Z', '-not_after', '20200201000000Z']);
  certificate(node, 'kubelet', ['-days', '2']);
  t.regex(
    preflight(node, 'cluster', { KILN_CLOCK_WAIT: '0' }).stderr,
    /the authority \/etc\/kubernetes\/pki\/kube-apiserver\/ca\.crt is valid from Jan {2}1 .*2020 GMT to Feb {2}1 .*2020 GMT\n/,
  );
  node.write('/etc/kubernetes/pki/kube-apiserver/ca.crt', 'torn');
  const { status, stderr } = preflight(node, 'cluster', { KILN_CLOCK_WAIT: '0' });
  t.is(status, 1);
  t.regex(stderr, /the authority \/etc\/kubernetes\/pki\/kube-apiserver\/ca\.crt cannot be read\n/);
});

test('an authority that is not valid yet is waited for', (t) => {
  const node = soundNode('minion');
  certificate(node, 'kubelet', ['-not_before', '20990101000000Z', '-not_after', '20990201000000Z']);
  const { status, stdout } = preflight(node, 'cluster', { KILN_CLOCK_WAIT: '1' });
  t.is(status, 1);
  t.regex(stdout, /^kiln: waiting up to 1 s for the clock: it is .* from Jan {2}1 .*2099 GMT/);
});

test('a wrong clock is told each minute with its mend, and waited for until it is right', (t) => {
  const node = soundNode('minion');
  certificate(node, 'kubelet', ['-days', '2']);
  node.program('sleep', 'echo x >> "$KILN_ROOT/seconds"');
  node.program(
    'date',
    `if [ "$(grep -c . "$KILN_ROOT/seconds" 2> /dev/null)" -ge 65 ]; then exec /bin/date "$@"; fi
exec /bin/date --date=2001-01-01 "$@"`,
  );
  const { status, stdout, stderr } = preflight(node, 'cluster', {
    KILN_CLOCK_WAIT: '86400',
    KILN_NAME_WAIT: '0',
  });
  t.is(status, 0);
  t.deepEqual(
    [...stdout.matchAll(/waiting up to (\d+) s for the clock/g)].map(([, seconds]) => seconds),
    ['86400', '86340'],
  );
  t.is(stderr.match(/it is .* 2001 GMT here, but the authority .*\nkiln: MEND: set the clock/g)?.length, 1);
});

test('the unit waits for the clock for a day, kept by no limit of its own', (t) => {
  const unit = readFileSync(repositoryPath('units/kube-identity.service'), 'utf8');
  t.regex(unit, /^Environment=KILN_CLOCK_WAIT=86400$/m);
  t.regex(unit, /^TimeoutStartSec=0$/m);
});

test("a clock that is right, and a masters' name that resolves, pass in silence", (t) => {
  const node = soundNode('minion');
  certificate(node, 'kubelet', ['-days', '2']);
  node.program('getent', '[ "$*" = "ahostsv4 masters.demo.k8s" ] && echo "10.0.0.5 STREAM x"');
  t.deepEqual(preflight(node, 'cluster'), { status: 0, stdout: '', stderr: '' });
});

test("a masters' name that does not resolve is waited for, then told, and is not fatal", (t) => {
  const node = soundNode('minion');
  node.program('getent', 'exit 2');
  const { status, stdout, stderr } = preflight(node, 'cluster', { KILN_NAME_WAIT: '1' });
  t.is(status, 0);
  t.is(stdout, 'kiln: waiting up to 1 s until masters.demo.k8s resolves\n');
  t.regex(
    stderr,
    /the masters' name masters\.demo\.k8s does not resolve\nkiln: MEND: ask for it at 10\.0\.2\.3/,
  );
});

/** A node on which nothing is wrong. */
function soundNode(roles: string): Node {
  const node = createNode();
  node.write(ENVIRONMENT, `NODE_ROLES="${roles}"\nKUBE_MASTERS=masters.demo.k8s\nKUBE_NAMESERVER=10.0.2.3\n`);
  node.write('/usr/lib/kiln/kubernetes.env', 'POD_CIDR=10.244.0.0/16\nSERVICE_CIDR=10.96.0.0/12\n');
  node.write(
    '/usr/lib/kiln/ports',
    `# port protocol address unit
6443 tcp 0.0.0.0 kube-apiserver.service
2379 tcp 0.0.0.0 etcd.service
2381 tcp 127.0.0.1 etcd.service
10250 tcp 0.0.0.0 kubelet.service
`,
  );
  node.write('/etc/modules-load.d/kiln.conf', '# Made by kiln.\nbr_netfilter\noverlay\n');
  node.write('/sys/module/br_netfilter/refcnt', '0');
  node.write('/sys/module/overlay/refcnt', '0');
  node.write('/proc/swaps', 'Filename Type Size Used Priority\n');
  node.write('/routes', 'default via 10.0.2.2 dev eth0\n10.0.2.0/24 dev eth0 scope link\n');
  node.program('ip', 'cat "$KILN_ROOT/routes"');
  node.program('ss', 'exit 0');
  node.program('modprobe', 'exit 1');
  node.program('mount', 'exit 0');
  node.program('umount', 'exit 0');
  node.program('systemctl', 'exit 3');
  return node;
}

function preflight(node: Node, stage: string, env: Record<string, string> = {}) {
  const own = { KILN_SYS: `${node.root}/sys`, KILN_PROC: `${node.root}/proc` };
  return node.run('kube-preflight', { args: [stage], env: { ...own, ...env } });
}

function refused(t: ExecutionContext, node: Node, says: string[]): string {
  const { status, stderr } = preflight(node, 'node');
  t.is(status, 1);
  for (const each of says) t.true(stderr.includes(each), stderr);
  t.regex(stderr, /^kiln: MEND: ./m);
  t.false(existsSync(path.join(node.root, ENVIRONMENT)), 'no role unit starts');
  t.true(existsSync(path.join(node.root, `${ENVIRONMENT}.refused`)));
  return stderr;
}

/** A real authority's certificate; the times are given to openssl's own command for authorities. */
function certificate(node: Node, owner: string, times: string[]): void {
  const file = `${node.root}/etc/kubernetes/pki/${owner}/ca.crt`;
  node.write(`/etc/kubernetes/pki/${owner}/ca.crt`, '');
  const key = `${node.root}/ca.key`;
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key];
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  if (times[0] === '-days') {
    openssl('req', '-x509', ...curve, '-subj', '/CN=kubernetes', ...times, '-out', file);
    return;
  }
  node.write(
    '/ca.cnf',
    `[ca]\ndefault_ca=x\n[x]\ndatabase=${node.root}/index.txt\nserial=${node.root}/serial\ndefault_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n`,
  );
  node.write('/index.txt', '');
  node.write('/serial', '01\n');
  openssl('req', '-new', ...curve, '-subj', '/CN=kubernetes', '-out', `${node.root}/ca.csr`);
  const [, from = '', , until = ''] = times;
  openssl(
    ...[
      'ca',
      '-batch',
      '-selfsign',

      '-config',
      `${node.root}/ca.cnf`,
      '-in',
      `${node.root}/ca.csr`,
    ],
    ...[
      '-keyfile',
      key,
      '-startdate',
      from,
      '-enddate',
      until,
      '-out',
      file,
      '-notext',
      '-outdir',
      node.root,
    ],
  );
}
