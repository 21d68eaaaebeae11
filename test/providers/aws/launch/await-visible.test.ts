import test from 'ava';
import { silentProgress } from '../../../../src/progress.js';
import { awaitVisible } from '../../../../src/providers/aws/launch/await-visible.js';
import { quickClock } from '../quick-clock.js';
import { demoTags, recordedApi } from '../recorder.js';

/** Waits for i-1 and i-2; each look shows as many instances as `shown` says. */
async function wait(shown: (look: number) => number, options: { dryRun?: boolean } = {}) {
  let looks = 0;
  const answer = () => {
    looks += 1;
    const ids = Array.from({ length: shown(looks) }, (_, index) => `i-${index + 1}`);
    const Instances = ids.map((InstanceId) => ({ InstanceId, Tags: demoTags('master') }));
    return { Reservations: [{ Instances }] };
  };
  const { api } = recordedApi({ 'ec2:DescribeInstances': answer }, options);
  const clock = quickClock();
  const context = { api, clock, progress: silentProgress, signal: new AbortController().signal };
  const { instances } = await awaitVisible(context, 'demo', ['i-1', 'i-2']);
  return { ids: instances.map(({ id }) => id), waited: clock.waited() };
}

test('what is shown at once is not waited for', async (t) => {
  t.deepEqual(await wait(() => 2), { ids: ['i-1', 'i-2'], waited: 0 });
});

test('it is looked again until all are shown', async (t) => {
  t.deepEqual(await wait((look) => look - 1), { ids: ['i-1', 'i-2'], waited: 4_000 });
});

test('after a minute it is what is shown', async (t) => {
  t.deepEqual(await wait(() => 1), { ids: ['i-1'], waited: 60_000 });
});

test('a dry run waits for nothing', async (t) => {
  t.is((await wait(() => 0, { dryRun: true })).waited, 0);
});
