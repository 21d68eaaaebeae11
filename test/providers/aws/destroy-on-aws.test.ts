import test from 'ava';
import { createGate } from '../../../src/gate/gate.js';
import { destroyOnAws } from '../../../src/providers/aws/destroy-on-aws.js';
import { account, changes, options } from './account-to-destroy.js';
import { type Answers, awsError, recordedApi } from './recorder.js';

test('groups, then nodes, then what they left, then templates; everything is gone and said', async (t) => {
  const world = account();
  const { options: given, calls } = options(world.answers, world.tick);
  const { removed, left } = await destroyOnAws(given);
  t.deepEqual(changes(calls), [
    'autoscaling:DeleteAutoScalingGroup',
    'ec2:TerminateInstances',
    'ec2:DeleteVolume',
    'ec2:DeleteNetworkInterface',
    'ec2:DeleteLaunchTemplate',
    'ec2:DeleteLaunchTemplate',
  ]);
  t.deepEqual(
    calls.filter(({ name }) => name === 'ec2:TerminateInstances').map(({ input }) => input),
    [{ InstanceIds: ['i-1', 'i-2'] }],
    'a node of a group ends with it: alone it would be replaced',
  );
  t.deepEqual(left, []);
  t.deepEqual(
    removed.map(({ id }) => id),
    ['kiln-demo-minion', 'i-1', 'i-2', 'i-3', 'vol-1', 'eni-1', 'lt-1', 'lt-2'],
  );
});

test('a destroy that is stopped anywhere is finished by the next', async (t) => {
  const whole = account();
  const { options: given, calls } = options(whole.answers, whole.tick);
  await destroyOnAws(given);
  const total = calls.length;
  for (let stopAt = 1; stopAt <= total; stopAt++) {
    const world = account();
    const controller = new AbortController();
    let count = 0;
    const counted = Object.fromEntries(
      Object.entries(world.answers).map(([name, answer]) => [
        name,
        (input: never) => {
          if (++count === stopAt) controller.abort(new Error('stopped'));
          return (answer as (input: never) => object)(input);
        },
      ]),
    ) as Answers;
    const gate = createGate({ signal: controller.signal });
    await t.throwsAsync(destroyOnAws(options(counted, world.tick, gate).options), { message: 'stopped' });
    const { left } = await destroyOnAws(options(world.answers, world.tick).options);
    t.deepEqual(left, [], `stopped at call ${stopAt}`);
    t.deepEqual(
      [world.groups.size, world.volumes.size, world.interfaces.size, world.templates.size],
      [0, 0, 0, 0],
    );
    t.true([...world.instances.values()].every(({ state }) => state === 'terminated'));
  }
});

test('an instance that shows up after the first look is ended too', async (t) => {
  const world = account();
  const late = (): void => {
    world.tick();
    if (!world.instances.has('i-late') && world.templates.size === 0) {
      world.instances.set('i-late', { state: 'pending' });
    }
  };
  const { options: given } = options(world.answers, late);
  t.deepEqual((await destroyOnAws(given)).left, []);
  t.is(world.instances.get('i-late')?.state, 'terminated');
});

test('without credentials nothing is tried', async (t) => {
  const { options: given, calls } = options({
    'ec2:DescribeInstances': () => {
      throw awsError('CredentialsProviderError', 'No credentials');
    },
  });
  await t.throwsAsync(destroyOnAws(given), { message: 'No credentials' });
  t.deepEqual(changes(calls), []);
});

test('a dry run looks, names every call in order, and makes none', async (t) => {
  const world = account();
  const gate = createGate({ dryRun: true });
  const { api } = recordedApi({}, { gate });
  const looking = recordedApi(world.answers);
  const { removed } = await destroyOnAws({
    ...options({}).options,
    api: { ...api, read: looking.api.read },
  });
  t.deepEqual(removed, []);
  t.deepEqual(
    gate.actions.map(({ target, parameters }) => [target, parameters]),
    [
      ['autoscaling:DeleteAutoScalingGroup', { AutoScalingGroupName: 'kiln-demo-minion', ForceDelete: true }],
      ['ec2:TerminateInstances', { InstanceIds: ['i-1', 'i-2'] }],
      ['ec2:DeleteVolume', { VolumeId: 'vol-1' }],
      ['ec2:DeleteNetworkInterface', { NetworkInterfaceId: 'eni-1' }],
      ['ec2:DeleteLaunchTemplate', { LaunchTemplateId: 'lt-1' }],
      ['ec2:DeleteLaunchTemplate', { LaunchTemplateId: 'lt-2' }],
    ],
  );
  t.deepEqual(changes(looking.calls), []);
});

test('1,000 nodes end by ten calls', async (t) => {
  const world = account();
  for (let index = 0; index < 998; index++) world.instances.set(`i-x${index}`, { state: 'running' });
  const { options: given, calls } = options(world.answers, world.tick);
  t.deepEqual((await destroyOnAws(given)).left, []);
  t.is(calls.filter(({ name }) => name === 'ec2:TerminateInstances').length, 10);
});
