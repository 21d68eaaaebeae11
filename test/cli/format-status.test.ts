import test from 'ava';
import { formatStatus } from '../../src/cli/commands/launch/format-status.js';
import type { NodeReport } from '../../src/launch/read-status.js';
import { aNodeReport, aStatus, NOTHING_HEARD } from '../launch/a-status.js';

/** The last column of the one node's row. */
function why(changes: Partial<NodeReport>): string | undefined {
  const node = aNodeReport('master-1', ['master'], { etcd: 'healthy', failedUnits: [], ...changes });
  return formatStatus(aStatus([node]))
    .split(/ healthy */)
    .at(-1);
}

test('the last column says what failed, then what the machine or Kubernetes gave as the reason', (t) => {
  const kubernetes = { ...NOTHING_HEARD, state: 'NotReady', reason: 'no network\nat all' } as const;
  t.is(why({}), '');
  t.is(why({ failedUnits: null, kubernetes }), 'no network');
  t.is(why({ failedUnits: ['kube-addons.service'] }), 'kube-addons.service failed');
  t.is(
    why({ failedUnits: ['a.service', 'b.mount'], kubernetes }),
    'a.service failed; b.mount failed; no network',
  );
  t.is(why({ machine: { state: 'failed', reason: 'panic' } }), 'panic');
});
