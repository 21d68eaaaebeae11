import test from 'ava';
import { formatStatus } from '../../src/cli/commands/launch/format-status.js';
import type { NodeReport } from '../../src/launch/read-status.js';

function node(changes: Partial<NodeReport>): NodeReport {
  return {
    name: 'master-1',
    roles: ['master'],
    address: '10.89.0.11',
    machine: { state: 'running', reason: null },
    kubernetes: { state: 'not a node', version: null, reason: null, heard: null },
    etcd: 'healthy',
    failedUnits: [],
    ...changes,
  };
}

/** The last column of the one node's row. */
function why(changes: Partial<NodeReport>): string | undefined {
  const text = formatStatus({
    cluster: 'demo',
    rig: 'qemu',
    image: { folder: '/i', id: 'sha256:i' },
    etcd: { placement: 'stacked', size: 1 },
    api: { server: 'https://127.0.0.1:16443', state: 'ready', detail: null },
    nodes: [node(changes)],
  });
  return text.split(/ healthy */).at(-1);
}

test('the last column says what failed, then what the machine or Kubernetes gave as the reason', (t) => {
  const kubernetes = { state: 'NotReady', version: null, reason: 'no network\nat all', heard: null } as const;
  t.is(why({}), '');
  t.is(why({ failedUnits: null, kubernetes }), 'no network');
  t.is(why({ failedUnits: ['kube-addons.service'] }), 'kube-addons.service failed');
  t.is(
    why({ failedUnits: ['a.service', 'b.mount'], kubernetes }),
    'a.service failed; b.mount failed; no network',
  );
  t.is(why({ machine: { state: 'failed', reason: 'panic' } }), 'panic');
});
