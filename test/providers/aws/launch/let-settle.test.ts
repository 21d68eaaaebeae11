import test from 'ava';
import { silentProgress } from '../../../../src/progress.js';
import { letSettle } from '../../../../src/providers/aws/launch/let-settle.js';
import type { AwsCluster } from '../../../../src/providers/aws/types.js';
import { anInstance } from '../an-instance.js';
import { quickClock } from '../quick-clock.js';
import { demoTags, recordedApi } from '../recorder.js';

const NOW = Date.parse('2026-11-21T12:00:00.000Z');

/** Looks at a cluster of one master of that age; later looks show as many as `shown` says. */
async function settle(minutes: number, shown: (look: number) => number) {
  let looks = 0;
  const { api } = recordedApi({
    'ec2:DescribeInstances': () => {
      looks += 1;
      const ids = Array.from({ length: shown(looks) }, (_, index) => `i-${index + 1}`);
      return {
        Reservations: [{ Instances: ids.map((InstanceId) => ({ InstanceId, Tags: demoTags('master') })) }],
      };
    },
  });
  const clock = quickClock();
  const launched = new Date(NOW - minutes * 60_000).toISOString();
  const cluster = { name: 'demo', instances: [anInstance({ id: 'i-1', launched })], groups: [] };
  const settled = await letSettle(
    { api, clock, progress: silentProgress, signal: new AbortController().signal },
    cluster as unknown as AwsCluster,
    { roles: ['master'], now: NOW },
  );
  return { ids: settled.instances.map(({ id }) => id), looks, waited: clock.waited() };
}

test('nodes of long ago are all shown: no look, no wait', async (t) => {
  t.deepEqual(await settle(6, () => 5), { ids: ['i-1'], looks: 0, waited: 0 });
});

test('nodes of minutes ago: looked at until two looks agree', async (t) => {
  t.deepEqual(await settle(2, () => 1), { ids: ['i-1'], looks: 1, waited: 8_000 });
  const { ids, looks } = await settle(2, (look) => Math.min(1 + look, 3));
  t.deepEqual([ids, looks], [['i-1', 'i-2', 'i-3'], 3]);
});

test('and not for ever', async (t) => {
  const { waited } = await settle(0, (look) => 1 + look);
  t.true(waited >= 120_000 && waited < 140_000, String(waited));
});
