import test from 'ava';
import { allOf, freeNames, nodesOf, targetOf } from '../../../../src/providers/aws/launch/node-count.js';
import type { AwsInstance } from '../../../../src/providers/aws/types.js';

function instance(id: string, roles: string[], state: AwsInstance['state']): AwsInstance {
  return { id, roles, state, name: id } as AwsInstance;
}

const instances = [
  instance('i-1', ['master'], 'running'),
  instance('i-2', ['master'], 'pending'),
  instance('i-3', ['master'], 'stopped'),
  instance('i-4', ['master'], 'shutting-down'),
  instance('i-5', ['master'], 'terminated'),
  instance('i-6', ['master', 'minion'], 'running'),
];

test('a total is never less than what is there, +N is more than that', (t) => {
  t.is(targetOf({ total: 3 }, 1), 3);
  t.is(targetOf({ total: 3 }, 5), 5);
  t.is(targetOf({ more: 2 }, 5), 7);
});

test('what ends is not there, what is stopped is; other roles are others', (t) => {
  const ids = (nodes: readonly AwsInstance[]) => nodes.map(({ id }) => id);
  t.deepEqual(ids(nodesOf({ instances }, ['master'])), ['i-1', 'i-2', 'i-3']);
  t.deepEqual(ids(allOf({ instances }, ['master'])), ['i-1', 'i-2', 'i-3', 'i-4', 'i-5']);
  t.deepEqual(ids(nodesOf({ instances }, ['master', 'minion'])), ['i-6']);
});

test('names are the lowest numbers nobody has', (t) => {
  t.deepEqual(freeNames('demo-master', ['demo-master-2', 'else'], 3), [
    'demo-master-1',
    'demo-master-3',
    'demo-master-4',
  ]);
  t.deepEqual(freeNames('demo-master', [], 0), []);
});
