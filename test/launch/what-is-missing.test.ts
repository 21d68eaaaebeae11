import test from 'ava';
import type { ClusterStatus, NodeReport } from '../../src/launch/read-status.js';
import { whatIsMissing } from '../../src/launch/what-is-missing.js';

function node(name: string, roles: string[], changes: Partial<NodeReport> = {}): NodeReport {
  return {
    name,
    roles,
    address: '10.89.0.11',
    machine: { state: 'running', reason: null },
    kubernetes: { state: roles.includes('minion') ? 'Ready' : 'not a node', version: null, reason: null },
    etcd: null,
    ...changes,
  };
}

function status(nodes: NodeReport[], api: Partial<ClusterStatus['api']> = {}): ClusterStatus {
  return {
    cluster: 'demo',
    rig: 'uml',
    image: { folder: '/i', id: 'sha256:i' },
    etcd: { placement: 'stacked', size: 1 },
    api: { server: 'https://127.0.0.1:1', state: 'ready', detail: null, ...api },
    nodes,
  };
}

test('nothing when the API serves and the nodes are Ready', (t) => {
  t.deepEqual(whatIsMissing(status([node('m', ['master']), node('n', ['minion'])]), ['m', 'n']), []);
});

test('the API, with what it says', (t) => {
  const now = status([node('m', ['master'])], { state: 'not ready', detail: 'etcd' });
  t.deepEqual(whatIsMissing(now, ['m']), ['the API: not ready (etcd)']);
});

test('only the nodes asked for, with their state', (t) => {
  const kubernetes = { state: 'NotReady', version: null, reason: null } as const;
  const now = status([
    node('m', ['master']),
    node('a', ['minion'], { kubernetes }),
    node('b', ['minion'], { kubernetes }),
  ]);
  t.deepEqual(whatIsMissing(now, ['m', 'b']), ['b: NotReady']);
});

test('a machine that ended, whatever else is known of it', (t) => {
  const now = status([node('n', ['minion'], { machine: { state: 'failed', reason: 'panic' } })]);
  t.deepEqual(whatIsMissing(now, ['n']), ['n: machine failed']);
});

test('etcd nodes alone: no API is waited for, but their members are', (t) => {
  const now = status([node('e', ['etcd'], { etcd: 'unhealthy' })], { state: 'unreachable' });
  t.deepEqual(whatIsMissing(now, ['e']), ['e: etcd unhealthy']);
});
