import test from 'ava';
import { parseRequest } from '../../src/launch/parse-request.js';
import { type LaunchPlan, planLaunch } from '../../src/launch/plan-launch.js';
import type { Cluster } from '../../src/launch/types.js';
import { aCluster } from './a-cluster.js';

const NOW = new Date('2026-02-03T04:05:06.000Z');

function plan(words: Parameters<typeof parseRequest>[0], cluster?: Cluster, id = 'sha256:one'): LaunchPlan {
  return planLaunch({
    request: parseRequest(words),
    cluster,
    image: { folder: '/images/other', id },
    network: { namespace: 'kiln-kiln', apiPort: 16444 },
    now: NOW,
  });
}

test('three masters found a stacked cluster of three members', (t) => {
  const { cluster, nodes, added, warnings } = plan({ role: 'master', count: '3' });
  t.deepEqual(cluster.etcd, { placement: 'stacked', size: 3 });
  t.deepEqual(
    cluster.nodes.map(({ name, address, roles }) => [name, address, roles]),
    [
      ['master-1', '10.89.0.11', ['master']],
      ['master-2', '10.89.0.12', ['master']],
      ['master-3', '10.89.0.13', ['master']],
    ],
  );
  t.is(new Set(cluster.nodes.map(({ mac }) => mac)).size, 3);
  t.deepEqual([nodes, added], [cluster.nodes, cluster.nodes]);
  t.true(nodes.every(({ started, created }) => started === undefined && created === NOW.toISOString()));
  t.deepEqual(warnings, []);
});

test('etcd nodes first: etcd is separate, and masters come after', (t) => {
  const { cluster } = plan({ role: 'etcd', count: '3' });
  t.deepEqual(cluster.etcd, { placement: 'separate', size: 3 });
  const next = plan({ role: 'master', count: '2' }, cluster);
  t.deepEqual(next.cluster.etcd, { placement: 'separate', size: 3 });
  t.deepEqual(next.warnings, []);
});

test('only the deficit is added; what is there stays as it is', (t) => {
  const before = aCluster([['master'], ['minion']]);
  const { cluster, nodes, added } = plan({ cluster: 'demo', role: 'minion', count: '3' }, before);
  t.deepEqual(cluster.nodes.slice(0, 2), before.nodes);
  t.deepEqual(
    added.map(({ name, address }) => [name, address]),
    [
      ['minion-3', '10.89.0.13'],
      ['minion-4', '10.89.0.14'],
    ],
  );
  t.deepEqual(nodes, [before.nodes[1], ...added]);
});

test('enough there: nothing is added, and they are still what the launch is about', (t) => {
  const before = aCluster([['minion'], ['minion'], ['master']]);
  const { cluster, nodes, added } = plan({ role: 'minion', count: '1' }, before);
  t.deepEqual(added, []);
  t.deepEqual(cluster, before);
  t.deepEqual(nodes, before.nodes.slice(0, 2));
});

test('nodes of other roles do not count, nor those with more', (t) => {
  const before = aCluster([['master', 'minion']]);
  t.is(plan({ role: 'minion', count: '1' }, before).added.length, 1);
});

test('+2 adds two, and leaves those there alone', (t) => {
  const { nodes, added } = plan({ role: 'minion', count: '+2' }, aCluster([['master'], ['minion']]));
  t.is(added.length, 2);
  t.deepEqual(nodes, added);
});

test('+2 after a +2 that was cut short finishes it and adds none', (t) => {
  const first = plan({ role: 'minion', count: '+2' }, aCluster([['master'], ['minion']])).cluster;
  const { cluster, nodes, added } = plan({ role: 'minion', count: '+2' }, first);
  t.deepEqual(added, []);
  t.deepEqual(
    nodes.map(({ name }) => name),
    cluster.nodes.slice(2).map(({ name }) => name),
  );
});

test('the first launch repeated with another count, before anything ran: etcd forms with that', (t) => {
  const first = plan({ role: 'master', count: '3' }).cluster;
  t.deepEqual(plan({ role: 'master', count: '5' }, first).cluster.etcd, { placement: 'stacked', size: 5 });
});

test('once a member ran, the size stays what etcd formed with', (t) => {
  const grown = plan({ role: 'master', count: '3' }, aCluster([['master']]));
  t.deepEqual(grown.cluster.etcd, { placement: 'stacked', size: 1 });
  t.is(grown.added.length, 2);
});

test('warns of an even number of members, also when masters of two kinds make it', (t) => {
  t.regex(plan({ role: 'master', count: '2' }).warnings.join(), /2 members/);
  t.regex(
    plan({ role: 'master', count: '1' }, aCluster([['master', 'minion']])).warnings.join(),
    /2 members/,
  );
});

test('refuses etcd nodes where etcd is on the masters, with the mend', (t) => {
  const error = t.throws(() => plan({ role: 'etcd' }, aCluster([['master']])), { code: 'LAUNCH_REFUSED' });
  t.regex(String((error as unknown as { hint: string }).hint), /--role master --count \+2/);
});

for (const role of ['minion', 'lb', 'minion,lb']) {
  test(`refuses to found a cluster with ${role}`, (t) => {
    t.throws(() => plan({ role }), { code: 'LAUNCH_REFUSED', message: /no masters yet/ });
  });
}

test('refuses another rig than the cluster’s', (t) => {
  t.throws(() => plan({ role: 'minion', rig: 'uml' }, aCluster([['master']])), { code: 'LAUNCH_REFUSED' });
  t.notThrows(() => plan({ role: 'minion', rig: 'qemu' }, aCluster([['master']])));
});

test('a new node remembers its image only when it is not the cluster’s', (t) => {
  const cluster = aCluster([['master']], { image: { folder: '/images/other', id: 'sha256:one' } });
  t.is(plan({ role: 'minion' }, cluster).added[0]?.image, undefined);
  const other = plan({ role: 'minion' }, cluster, 'sha256:two');
  t.deepEqual(other.added[0]?.image, { folder: '/images/other', id: 'sha256:two' });
  t.is(other.cluster.image.id, 'sha256:one');
});

test('memory: what was asked for, else what the roles need', (t) => {
  t.is(plan({ role: 'master', memory: '700' }).added[0]?.memoryMiB, 700);
  t.true(
    (plan({ role: 'master,minion' }).added[0]?.memoryMiB ?? 0) >
      (plan({ role: 'master' }).added[0]?.memoryMiB ?? 0),
  );
});

test('memory asked for now goes to nodes of these roles that never ran, and to no others', (t) => {
  const ran = aCluster([['master'], ['minion']]);
  const planned = plan({ role: 'minion', count: '2', memory: '4096' }, ran).cluster;
  const { cluster, nodes, added } = plan({ role: 'minion', count: '2', memory: '700' }, planned);
  t.deepEqual(added, []);
  t.deepEqual(
    cluster.nodes.map(({ memoryMiB }) => memoryMiB),
    [1536, 1536, 700],
  );
  t.deepEqual(nodes, cluster.nodes.slice(1));
  const kept = plan({ role: 'minion', count: '2' }, planned).cluster;
  t.is(kept.nodes[2]?.memoryMiB, 4096);
  t.is(plan({ role: 'master', memory: '700' }, planned).cluster.nodes[2]?.memoryMiB, 4096);
});

test('a new node takes the folder that was named, also of an image that was only moved', (t) => {
  const image = { folder: '/images/other', id: 'sha256:one' };
  const here = aCluster([['master']], { image });
  t.is(plan({ role: 'minion' }, here).added[0]?.image, undefined);
  const moved = aCluster([['master']], { image: { ...image, folder: '/images/gone' } });
  t.deepEqual(plan({ role: 'minion' }, moved).added[0]?.image, image);
});

test('plans change nothing they were given', (t) => {
  const cluster = aCluster([['master']]);
  const copy = structuredClone(cluster);
  plan({ role: 'minion', count: '+3' }, cluster);
  t.deepEqual(cluster, copy);
});
