import { cpSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { repositoryPath } from '../../src/repository.js';
import { ADDRESS, createRoleNode, writeBundle, writeNodeEnv } from './identity-node.js';
import type { Node } from './node.js';

const SOON = { KILN_RENEW_STEP: '1' };

test.serial('nothing changed: nothing is said, nothing restarted', async (t) => {
  const node = await runningMaster();
  t.deepEqual(node.run('kube-renew', { env: SOON }), { status: 0, stdout: '', stderr: '' });
  t.deepEqual(restarted(node), []);
});

test.serial('what ends soon is issued again, and only its unit restarted', async (t) => {
  const node = await runningMaster();
  const table = node.read('/usr/lib/kiln/certificates');
  node.write('/usr/lib/kiln/certificates', table.replace(/^(kube-scheduler .*) 365 90 /m, '$1 365 366 '));
  const { status, stdout, stderr } = node.run('kube-renew', { env: SOON });
  t.is(status, 0, stderr);
  t.regex(stdout, /certificates issued: kube-scheduler\/client \(fewer than 366 days left\)/);
  t.regex(
    stdout,
    /to be restarted in \d s: kube-scheduler\.service\nkiln: restarting kube-scheduler\.service\n$/,
  );
  t.deepEqual(restarted(node), ['kube-scheduler.service']);
  t.false(existsSync(path.join(node.root, 'run/kubernetes/restart')));
});

test.serial(
  'a new address: node.env is written anew, then its units restarted in order, jobs that ended left alone',
  async (t) => {
    const node = await runningMaster();
    moveTo(node, '10.0.2.77');
    const { status, stdout, stderr } = node.run('kube-renew', { env: SOON });
    t.is(status, 0, stderr);
    t.regex(stdout, /the address of this node changed from 10\.0\.2\.15 to 10\.0\.2\.77/);
    t.regex(node.read('/run/kubernetes/node.env'), /^NODE_IP=10\.0\.2\.77$/m);
    t.regex(
      stdout,
      /certificates issued: etcd\/server \(names changed: with 10\.0\.2\.77 without 10\.0\.2\.15\)/,
    );
    t.deepEqual(restarted(node), [
      'etcd.service',
      'kube-apiserver.service',
      'kube-controller-manager.service',
      'kube-scheduler.service',
      'kube-approver.service',
    ]);
  },
);

test.serial('no address at the moment: everything stays as it is', async (t) => {
  const node = await runningMaster();
  node.program('ip', 'exit 1');
  const { status, stdout } = node.run('kube-renew', { env: SOON });
  t.is(status, 0);
  t.is(stdout, 'kiln: the interface eth0 has no IPv4 address now; everything stays as it is for 10.0.2.15\n');
  t.deepEqual(restarted(node), []);
});

test.serial('a marker gone bad does not take the node.env of running services away', async (t) => {
  const node = await runningMaster();
  moveTo(node, '10.0.2.77');
  node.write('/etc/sysconfig/kubernetes-mastr', 'CLUSTER_NAME=demo\n');
  const { status, stderr } = node.run('kube-renew', { env: SOON });
  t.is(status, 1);
  t.regex(stderr, /the address 10\.0\.2\.15 is gone from eth0, and the new one could not be taken over/);
  t.regex(node.read('/run/kubernetes/node.env'), /^NODE_IP=10\.0\.2\.15$/m);
  t.deepEqual(restarted(node), []);
});

test.serial('a unit that does not come up stops the rest, which the next look takes up again', async (t) => {
  const node = await runningMaster();
  node.write('/run/kubernetes/reissued', 'etcd\nkube-apiserver\n');
  node.write('/broken', 'etcd.service\n');
  const failed = node.run('kube-renew', { env: SOON });
  t.is(failed.status, 1);
  t.regex(failed.stderr, /etcd\.service did not come up again; the others were left alone/);
  t.is(node.read('/run/kubernetes/restart'), 'etcd.service\nkube-apiserver.service\n');
  node.write('/broken', '');
  t.is(node.run('kube-renew', { env: SOON }).status, 0);
  t.deepEqual(restarted(node), ['etcd.service', 'etcd.service', 'kube-apiserver.service']);
});

test.serial(
  'masters take turns by their place in DNS; whoever is not in it waits some random while',
  async (t) => {
    const node = await runningMaster();
    node.program('sleep', 'echo "$1" > "$KILN_ROOT/slept"');
    node.program('getent', 'printf "10.0.2.16 STREAM x\\n10.0.2.14 STREAM x\\n10.0.2.15 STREAM x\\n"');
    const waited = (now?: number): number => {
      node.write('/run/kubernetes/reissued', 'kube-scheduler\n');
      if (now !== undefined)
        node.program('date', `if [ "$*" = +%s ]; then echo ${now}; else exec /bin/date "$@"; fi`);
      node.run('kube-renew', { env: { KILN_RENEW_STEP: '600' } });
      return Number(node.read('/slept'));
    };
    // Three turns of 600 s; the second is its own, and of that the first three quarters.
    const round = 1_800_000_000;
    for (const [now, least] of [
      [round + 10, 590],
      [round + 610, 0],
      [round + 1000, 1400],
      [round + 1210, 1190],
    ] as const) {
      const seconds = waited(now);
      t.true(seconds >= least && seconds <= least + 150, `at ${now - round} it waits ${seconds} s`);
    }
    node.program('getent', 'exit 2');
    const unknown = waited();
    t.true(unknown >= 0 && unknown <= 3150, `${unknown}`);
  },
);

test.serial('a node that moved does not wait for its turn', async (t) => {
  const node = await runningMaster();
  moveTo(node, '10.0.2.77');
  node.program('sleep', 'echo "$1" > "$KILN_ROOT/slept"');
  const { status, stdout, stderr } = node.run('kube-renew', { env: { KILN_RENEW_STEP: '600' } });
  t.is(status, 0, stderr);
  t.notRegex(stdout, /to be restarted in/);
  t.false(existsSync(path.join(node.root, 'slept')));
  t.is(restarted(node)[0], 'etcd.service');
});

test('the timer looks every ten minutes', (t) => {
  t.regex(readFileSync(repositoryPath('units/kube-renew.timer'), 'utf8'), /^OnCalendar=\*:0\/10$/m);
});

test.serial('etcd is restarted only while enough others serve', async (t) => {
  const node = await runningMaster();
  etcdOfThree(node);
  node.write('/run/kubernetes/reissued', 'etcd\nkube-scheduler\n');
  node.write('/serving', '127.0.0.1\n10.0.2.15\n10.0.2.16\n');
  const refused = node.run('kube-renew', { env: SOON });
  t.is(refused.status, 1);
  t.regex(
    refused.stderr,
    /too few other members of etcd serve: restarting this one would stop the cluster\nkiln: MEND: ./,
  );
  t.deepEqual(restarted(node), []);
  t.is(node.read('/run/kubernetes/restart'), 'etcd.service\nkube-scheduler.service\n');

  node.write('/serving', '127.0.0.1\n10.0.2.14\n10.0.2.15\n10.0.2.16\n');
  t.is(node.run('kube-renew', { env: SOON }).status, 0);
  t.deepEqual(restarted(node), ['etcd.service', 'kube-scheduler.service']);
});

test.serial('a member of etcd that does not serve, or is alone, is restarted', async (t) => {
  const node = await runningMaster();
  etcdOfThree(node);
  node.write('/run/kubernetes/reissued', 'etcd\n');
  t.is(node.run('kube-renew', { env: SOON }).status, 0);
  node.write('/members', node.read('/members').split('\n')[1] ?? '');
  node.write('/serving', '127.0.0.1\n');
  node.write('/run/kubernetes/reissued', 'etcd\n');
  t.is(node.run('kube-renew', { env: SOON }).status, 0);
  t.deepEqual(restarted(node), ['etcd.service', 'etcd.service']);
});

/** The members 10.0.2.14 to 16, of which those in `/serving` answer. */
function etcdOfThree(node: Node): void {
  node.write(
    '/members',
    [14, 15, 16]
      .map(
        (last) => `${last}aa, started, m, https://10.0.2.${last}:2380, https://10.0.2.${last}:2379, false\n`,
      )
      .join(''),
  );
  node.write('/serving', '');
  node.program(
    'etcdctl',
    `address=\${1#--endpoints=https://}
grep -qx "\${address%:2379}" "$KILN_ROOT/serving" || exit 1
case "$*" in
*" endpoint health") ;;
*" member list --write-out=simple") cat "$KILN_ROOT/members" ;;
*) exit 98 ;;
esac`,
  );
}

/** Its certificates are in place and its services run. */
async function runningMaster(): Promise<Node> {
  const node = createRoleNode('master');
  node.write('/etc/sysconfig/kubernetes-master', 'CLUSTER_NAME=demo\n');
  await writeBundle(node, '/bundle', { roles: 'master' });
  cpSync(path.join(node.root, 'bundle/master'), path.join(node.root, 'etc/kubernetes/pki'), {
    recursive: true,
  });
  writeNodeEnv(node, { roles: 'master', name: 'node-1.example', address: ADDRESS });
  node.run('kube-certificates');
  node.write('/run/kubernetes/reissued', '');
  node.write('/restarted', '');
  node.write('/broken', '');
  node.program('getent', `echo "${ADDRESS} STREAM x"`);
  node.program(
    'systemctl',
    `case "$*" in
"show --property=Type kube-addons.service") echo Type=oneshot ;;
"show --property=Type "*) echo Type=notify ;;
"show --property=ActiveState "*) echo ActiveState=active ;;
"restart "*) echo "$2" >> "$KILN_ROOT/restarted"; ! grep -qx "$2" "$KILN_ROOT/broken" ;;
*) echo "unexpected: systemctl $*" >&2; exit 99 ;;
esac`,
  );
  return node;
}

function moveTo(node: Node, address: string): void {
  node.program(
    'ip',
    `case "$*" in
*"route show default"*) echo "default via 10.0.2.2 dev eth0" ;;
*"addr show dev eth0"*) echo "2: eth0    inet ${address}/24 brd 10.0.2.255 scope global eth0" ;;
esac`,
  );
}

function restarted(node: Node): string[] {
  return node.read('/restarted').split('\n').filter(Boolean);
}
