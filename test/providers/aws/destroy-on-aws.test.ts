import test from 'ava';
import { createGate } from '../../../src/gate/gate.js';
import { silentProgress } from '../../../src/progress.js';
import type { CallName } from '../../../src/providers/aws/calls.js';
import { destroyOnAws } from '../../../src/providers/aws/destroy-on-aws.js';
import { type Answers, awsError, demoTags, quickClock, recordedApi } from './recorder.js';

const GROUP_TAG = 'aws:autoscaling:groupName';

/** An account with a cluster in it, as small as can be: things go some time after they were told to. */
function account() {
  const instances = new Map<string, { state: string; group?: string }>([
    ['i-1', { state: 'running' }],
    ['i-2', { state: 'running' }],
    ['i-3', { state: 'running', group: 'kiln-demo-minion' }],
  ]);
  const groups = new Map<string, string | undefined>([['kiln-demo-minion', undefined]]);
  const volumes = new Map([['vol-1', 'available']]);
  const interfaces = new Set(['eni-1']);
  const templates = new Set(['lt-1', 'lt-2']);
  const end = (id: string): void => {
    const instance = instances.get(id);
    if (instance === undefined) throw awsError('InvalidInstanceID.NotFound', `${id} does not exist`);
    instance.state = 'shutting-down';
  };
  const remove = (set: { delete(id: string): boolean }, id: string | undefined, code: string): object => {
    if (!set.delete(id ?? '')) throw awsError(code, `${id} does not exist`);
    return {};
  };
  const answers: Answers = {
    'ec2:DescribeInstances': () => ({
      Reservations: [
        {
          Instances: [...instances].map(([InstanceId, { state, group }]) => ({
            InstanceId,
            State: { Name: state as 'running' },
            Tags: [
              ...demoTags(group === undefined ? 'master' : 'minion'),
              ...(group === undefined ? [] : [{ Key: GROUP_TAG, Value: group }]),
            ],
          })),
        },
      ],
    }),
    'autoscaling:DescribeAutoScalingGroups': () => ({
      AutoScalingGroups: [...groups].map(([AutoScalingGroupName, Status]) => ({
        AutoScalingGroupName,
        ...(Status === undefined ? {} : { Status }),
        MinSize: 0,
        MaxSize: 1,
        DesiredCapacity: 1,
        DefaultCooldown: 0,
        AvailabilityZones: [],
        HealthCheckType: 'EC2',
        CreatedTime: new Date(0),
        Tags: demoTags('minion'),
      })),
    }),
    'ec2:DescribeVolumes': () => ({
      Volumes: [...volumes].map(([VolumeId, State]) => ({
        VolumeId,
        State: State as 'available',
        Tags: demoTags('master'),
      })),
    }),
    'ec2:DescribeNetworkInterfaces': () => ({
      NetworkInterfaces: [...interfaces].map((NetworkInterfaceId) => ({
        NetworkInterfaceId,
        Status: 'available',
        TagSet: demoTags('master'),
      })),
    }),
    'ec2:DescribeLaunchTemplates': () => ({
      LaunchTemplates: [...templates].map((LaunchTemplateId) => ({
        LaunchTemplateId,
        Tags: demoTags('master'),
      })),
    }),
    'autoscaling:DeleteAutoScalingGroup': ({ AutoScalingGroupName = '', ForceDelete }) => {
      if (!groups.has(AutoScalingGroupName)) {
        throw awsError('ValidationError', `AutoScalingGroup name not found - ${AutoScalingGroupName}`);
      }
      if (ForceDelete !== true) throw awsError('ResourceInUse', 'it has instances');
      groups.set(AutoScalingGroupName, 'Delete in progress');
      for (const [id, { group }] of instances) if (group === AutoScalingGroupName) end(id);
      return {};
    },
    'ec2:TerminateInstances': ({ InstanceIds = [] }) => {
      for (const id of InstanceIds) end(id);
      return {};
    },
    'ec2:DeleteVolume': ({ VolumeId }) => remove(volumes, VolumeId, 'InvalidVolume.NotFound'),
    'ec2:DeleteNetworkInterface': ({ NetworkInterfaceId }) =>
      remove(interfaces, NetworkInterfaceId, 'InvalidNetworkInterfaceID.NotFound'),
    'ec2:DeleteLaunchTemplate': ({ LaunchTemplateId }) =>
      remove(templates, LaunchTemplateId, 'InvalidLaunchTemplateId.NotFound'),
  };
  /** Machines are gone a while after they were told to end, and so are the groups they were of. */
  const tick = (): void => {
    for (const [id, { state }] of instances) {
      if (state === 'shutting-down') instances.set(id, { state: 'terminated' });
    }
    const left = new Set([...instances.values()].map(({ group }) => group));
    for (const [name, status] of groups) if (status !== undefined && !left.has(name)) groups.delete(name);
  };
  return { answers, tick, instances, groups, volumes, interfaces, templates };
}

function options(answers: Answers, tick?: (now: number) => void, gate = createGate({})) {
  const recorded = recordedApi(answers, { gate });
  const base = { progress: silentProgress, name: 'demo', signal: gate.signal, clock: quickClock(tick) };
  return { ...recorded, options: { ...base, api: recorded.api } };
}

function changes(calls: readonly { name: CallName }[]): CallName[] {
  return calls.map(({ name }) => name).filter((name) => !name.includes('Describe'));
}

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

test('what is shown and gone already counts as gone', async (t) => {
  const world = account();
  const { 'ec2:DescribeLaunchTemplates': _, ...rest } = world.answers;
  let looks = 0;
  const { options: given } = options(
    {
      ...rest,
      // Shown for a while after somebody else deleted it.
      'ec2:DescribeLaunchTemplates': () => ({
        LaunchTemplates: ++looks < 8 ? [{ LaunchTemplateId: 'lt-gone', Tags: demoTags('master') }] : [],
      }),
    },
    world.tick,
  );
  const { left, removed } = await destroyOnAws(given);
  t.deepEqual(left, []);
  t.true(removed.some(({ id }) => id === 'lt-gone'));
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

test('one that cannot be ended does not hold up the others, and is told with AWS’s reason', async (t) => {
  const world = account();
  const end = world.answers['ec2:TerminateInstances'];
  const { options: given, calls } = options(
    {
      ...world.answers,
      'ec2:TerminateInstances': (input) => {
        if (input.InstanceIds?.includes('i-2') === true)
          throw awsError('OperationNotPermitted', 'The instance i-2 may not be terminated');
        return end?.(input) ?? {};
      },
    },
    world.tick,
  );
  const { removed, left } = await destroyOnAws(given);
  t.deepEqual(
    left.filter(({ kind }) => kind === 'instance').map(({ id, reason }) => [id, reason]),
    [['i-2', 'The instance i-2 may not be terminated']],
  );
  t.deepEqual(
    removed.map(({ id }) => id),
    ['kiln-demo-minion', 'i-1', 'i-3'],
  );
  t.is(world.templates.size, 2, 'what a node may need stays with it');
  t.is(calls.filter(({ name }) => name === 'ec2:TerminateInstances').length, 3, 'and is not asked again');
});

test('what is in use is tried again, and not for ever', async (t) => {
  const world = account();
  const remove = world.answers['ec2:DeleteVolume'];
  let tries = 0;
  const busy = (times: number): Answers => ({
    ...world.answers,
    'ec2:DeleteVolume': (input) => {
      if (++tries <= times) throw awsError('VolumeInUse', 'it is attached');
      return remove?.(input) ?? {};
    },
  });
  t.deepEqual((await destroyOnAws(options(busy(3), world.tick).options)).left, []);
  t.is(tries, 4);
  world.volumes.set('vol-1', 'available');
  const { left } = await destroyOnAws(options(busy(Number.POSITIVE_INFINITY), world.tick).options);
  t.deepEqual(
    left.map(({ id, reason }) => [id, reason]),
    [['vol-1', 'it is attached']],
  );
  t.true(tries > 100 && tries < 200, `${tries} tries in ten minutes`);
});

test('a node that never ends is said to be there, after ten minutes', async (t) => {
  const world = account();
  const { options: given } = options(world.answers, () => {});
  const { left } = await destroyOnAws(given);
  t.true(
    left.some(({ id, reason }) => id === 'i-1' && reason === 'still shutting-down after it was asked to go'),
  );
});

test('permission that is missing for one kind leaves that kind only', async (t) => {
  const world = account();
  const { options: given } = options(
    {
      ...world.answers,
      'ec2:DeleteVolume': () => {
        throw awsError('UnauthorizedOperation', 'You are not authorized');
      },
    },
    world.tick,
  );
  const { left } = await destroyOnAws(given);
  t.deepEqual(
    left.map(({ id }) => id),
    ['vol-1'],
  );
});

test('what is refused without a known reason is tried a few times; an outage does not ask for each node', async (t) => {
  const world = account();
  let tries = 0;
  const template: Answers = {
    ...world.answers,
    'ec2:DeleteLaunchTemplate': () => {
      tries += 1;
      throw awsError('InternalError', 'An internal error has occurred');
    },
  };
  const { left } = await destroyOnAws(options(template, world.tick).options);
  t.deepEqual(
    left.map(({ id, reason }) => [id, reason]),
    [
      ['lt-1', 'An internal error has occurred'],
      ['lt-2', 'An internal error has occurred'],
    ],
  );
  t.is(tries, 10);
  const other = account();
  const end = other.answers['ec2:TerminateInstances'];
  let ends = 0;
  const outage: Answers = {
    ...other.answers,
    'ec2:TerminateInstances': (input) => {
      if (++ends === 1) throw awsError('ECONNRESET', 'no answer');
      return end?.(input) ?? {};
    },
  };
  t.deepEqual((await destroyOnAws(options(outage, other.tick).options)).left, []);
  t.is(ends, 2);
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
