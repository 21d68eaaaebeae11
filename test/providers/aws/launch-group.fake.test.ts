import test from 'ava';
import { createGate } from '../../../src/gate/gate.js';
import { destroyDemo, launchDemo, useFake } from './a-launch.js';
import { everything, IDS, living } from './fake/furnish.js';
import { changes, checkTags } from './launch-checks.js';

/** Minions by an Auto Scaling group. */

test.serial('a group with a new profile is waited for too', async (t) => {
  const fake = await useFake(t);
  const launched = await launchDemo({ roles: ['minion'], settings: { instanceProfile: 'new' } });
  t.is(launched.failure, undefined, launched.failure?.message);
  t.is(living(fake.account).length, 3);
  t.is(fake.account.groups.size, 1);
  checkTags(t, fake);
});

for (const action of ['ec2:CreateLaunchTemplate', 'autoscaling:CreateAutoScalingGroup'])
  test.serial(`a group: interrupted right after ${action}, the same command goes on`, async (t) => {
    const fake = await useFake(t);
    const controller = new AbortController();
    fake.breakAfter(action, 1, () => controller.abort(new Error('the person pressed Ctrl-C')));
    await t.throwsAsync(launchDemo({ roles: ['minion'], gate: createGate({ signal: controller.signal }) }));
    checkTags(t, fake);
    const again = await launchDemo({ roles: ['minion'] });
    t.is(again.failure, undefined, again.failure?.message);
    t.is(living(fake.account).length, 3);
    t.deepEqual([fake.account.groups.size, fake.account.templates.size], [1, 1]);
  });

test.serial('1,000 minions by a group: one call, and destroy leaves nothing', async (t) => {
  const fake = await useFake(t);
  fake.account.pageSize = 400;
  const launched = await launchDemo({ roles: ['minion'], count: { total: 1000 } });
  t.is(launched.failure, undefined, launched.failure?.message);
  t.is(living(fake.account).length, 1000);
  t.deepEqual(changes(fake), ['ec2:CreateLaunchTemplate', 'autoscaling:CreateAutoScalingGroup']);
  checkTags(t, fake);
  const { left } = await destroyDemo();
  t.deepEqual(left, []);
  t.deepEqual(everything(fake.account), []);
});

test.serial('a group of several types: the second run changes nothing', async (t) => {
  const fake = await useFake(t);
  const settings = { instanceTypes: ['t3.medium', 't3a.medium'] };
  await launchDemo({ roles: ['minion'], settings });
  const before = changes(fake).length;
  const again = await launchDemo({ roles: ['minion'], settings });
  t.is(again.failure, undefined, again.failure?.message);
  t.is(changes(fake).length, before);
});

test.serial('a group that cannot launch all says why', async (t) => {
  const fake = await useFake(t);
  for (const subnet of IDS.subnets) fake.account.capacity.set(`${subnet} t3.medium`, 1);
  const { failure } = await launchDemo({ roles: ['minion'], count: { total: 5 }, options: { wait: true } });
  t.is(failure?.code, 'LAUNCH_FAILED');
  t.regex(failure?.message ?? '', /3 of 5/);
  t.regex(failure?.message ?? '', /sufficient t3.medium capacity/);
  t.is(living(fake.account).length, 3);
});
