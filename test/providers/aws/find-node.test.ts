import test from 'ava';
import { KilnError } from '../../../src/errors.js';
import { findNode } from '../../../src/providers/aws/find-node.js';
import type { AwsCluster, AwsInstance } from '../../../src/providers/aws/types.js';
import { anInstance } from './an-instance.js';

function clusterOf(...instances: AwsInstance[]): AwsCluster {
  return {
    name: 'demo',
    region: 'eu-west-1',
    instances,
    groups: [],
    templates: [],
    volumes: [],
    networkInterfaces: [],
  };
}

const cluster = clusterOf(
  anInstance({ id: 'i-1', name: 'demo-master-1' }),
  anInstance({ id: 'i-2', name: 'demo-master-2', state: 'terminated', launched: '2026-11-21T10:00:00.000Z' }),
  anInstance({ id: 'i-3', name: 'demo-master-2', state: 'terminated', launched: '2026-11-21T11:00:00.000Z' }),
  anInstance({ id: 'i-4', name: 'demo-minion', roles: ['minion'] }),
  anInstance({ id: 'i-5', name: 'demo-minion', roles: ['minion'] }),
  anInstance({ id: 'i-6', name: 'demo-etcd-1', state: 'terminated' }),
  anInstance({ id: 'i-7', name: 'demo-etcd-1' }),
);

for (const [word, id] of [
  ['demo-master-1', 'i-1'],
  ['master-1', 'i-1'],
  ['i-5', 'i-5'],
  ['master-2', 'i-3'],
  ['etcd-1', 'i-7'],
] as const) {
  test(`${word} is ${id}`, (t) => {
    t.is(findNode(cluster, word).id, id);
  });
}

test('a name of several is refused with their ids', (t) => {
  const error = t.throws(() => findNode(cluster, 'demo-minion'), { instanceOf: KilnError });
  t.is(error.code, 'USAGE');
  t.is(error.message, '2 nodes are called demo-minion: say which by its id');
  t.is(error.hint, 'i-4 (10.0.0.1), i-5 (10.0.0.1)');
});

test('an unknown name is told with the nearest; nothing is near to nothing', (t) => {
  const error = t.throws(() => findNode(cluster, 'demo-mastr-1'), { instanceOf: KilnError });
  t.is(error.code, 'UNKNOWN_NAME');
  t.is(error.message, 'Cluster demo has no node "demo-mastr-1" in eu-west-1; did you mean demo-master-1?');
  const none = t.throws(() => findNode(clusterOf(), 'master-1'), { instanceOf: KilnError });
  t.is(none.message, 'Cluster demo has no nodes in eu-west-1');
});
