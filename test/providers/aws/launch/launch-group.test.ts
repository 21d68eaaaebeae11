import test from 'ava';
import { silentProgress } from '../../../../src/progress.js';
import { desiredOf, launchGroup } from '../../../../src/providers/aws/launch/launch-group.js';
import type { AwsCluster, AwsGroup, AwsInstance, AwsSettings } from '../../../../src/providers/aws/types.js';
import { quickClock } from '../quick-clock.js';
import { type Answers, awsError, demoTags, recordedApi } from '../recorder.js';

const settings = { subnets: ['subnet-1', 'subnet-2'], instanceTypes: ['t3.medium'] } as AwsSettings;
const GROUP: AwsGroup = {
  ...{ name: 'kiln-demo-minion', roles: ['minion'], min: 0, max: 9, desired: 3, status: undefined },
  ...{ template: { id: 'lt-1', version: '4' }, subnets: ['subnet-1', 'subnet-2'], instances: [] },
};

function clusterWith(groups: AwsGroup[], instances: Partial<AwsInstance>[] = []): AwsCluster {
  return { name: 'demo', groups, instances } as unknown as AwsCluster;
}

async function launch(
  cluster: AwsCluster,
  target: number,
  { answers = {}, types = ['t3.medium'] }: { answers?: Answers; types?: string[] } = {},
) {
  const { api, calls } = recordedApi(answers);
  const context = {
    api,
    progress: silentProgress,
    signal: new AbortController().signal,
    clock: quickClock(),
  };
  const image = { ami: 'ami-1', rootDevice: '/dev/xvda', imageId: 'sha256:abc' };
  const template = { id: 'lt-1', name: 'kiln-demo-minion', version: '4' };
  const job = {
    context,
    roles: ['minion'],
    settings: { ...settings, instanceTypes: types },
    image,
    template,
  };
  await launchGroup(job, { cluster, target });
  return calls;
}

test('a new group: pinned template, every subnet, tags for itself and its nodes', async (t) => {
  const [call] = await launch(clusterWith([]), 7);
  const { Tags, ...input } = (call?.input ?? { Tags: [] }) as { Tags: Record<string, unknown>[] };
  t.deepEqual(input as unknown, {
    ...{ AutoScalingGroupName: 'kiln-demo-minion', MinSize: 0, MaxSize: 7, DesiredCapacity: 7 },
    LaunchTemplate: { LaunchTemplateName: 'kiln-demo-minion', Version: '4' },
    VPCZoneIdentifier: 'subnet-1,subnet-2',
    ...{ HealthCheckType: 'EC2', HealthCheckGracePeriod: 300 },
  });
  t.true(
    Tags.every(
      ({ PropagateAtLaunch, ResourceId }) => PropagateAtLaunch === true && ResourceId === 'kiln-demo-minion',
    ),
  );
  t.deepEqual(
    Tags.map(({ Key }) => Key),
    ['KubernetesCluster', 'kubernetes.io/cluster/demo', 'Role', 'managed-by', 'Name', 'kiln:image-id'],
  );
});

test('several types are tried in their order', async (t) => {
  const [call] = await launch(clusterWith([]), 1, { types: ['m6i.large', 'm5.large'] });
  const { MixedInstancesPolicy: policy, LaunchTemplate } = (call?.input ?? {}) as Record<string, never>;
  t.is(LaunchTemplate, undefined as never);
  t.like(policy, {
    LaunchTemplate: {
      LaunchTemplateSpecification: { LaunchTemplateName: 'kiln-demo-minion', Version: '4' },
      Overrides: [{ InstanceType: 'm6i.large' }, { InstanceType: 'm5.large' }],
    },
    InstancesDistribution: { OnDemandAllocationStrategy: 'prioritized' },
  });
});

test('a group that is as it shall be is left alone, in whatever order its subnets come', async (t) => {
  t.deepEqual(await launch(clusterWith([GROUP]), 3), []);
  const more = { ...GROUP, subnets: ['subnet-3', 'subnet-2', 'subnet-1'] };
  t.deepEqual(await launch(clusterWith([more]), 3), []);
});

const CHANGED: Record<string, [group: Partial<AwsGroup>, target: number, says: Record<string, unknown>]> = {
  'more nodes': [{}, 12, { DesiredCapacity: 12, MaxSize: 12 }],
  'more nodes, of room there is': [{}, 5, { DesiredCapacity: 5, MaxSize: 9 }],
  'another version': [
    { template: { id: 'lt-1', version: '3' } },
    3,
    { LaunchTemplate: { LaunchTemplateName: 'kiln-demo-minion', Version: '4' } },
  ],
  'another subnet': [{ subnets: ['subnet-1'] }, 3, { VPCZoneIdentifier: 'subnet-1,subnet-2' }],
  'other subnets': [{ subnets: ['subnet-3'] }, 3, { VPCZoneIdentifier: 'subnet-3,subnet-1,subnet-2' }],
};

for (const [title, [group, target, says]] of Object.entries(CHANGED)) {
  test(`one call for ${title}, which says nothing else`, async (t) => {
    const calls = await launch(clusterWith([{ ...GROUP, ...group }]), target);
    t.deepEqual(
      calls.map(({ name }) => name),
      ['autoscaling:UpdateAutoScalingGroup'],
    );
    t.deepEqual(calls[0]?.input as unknown, { AutoScalingGroupName: 'kiln-demo-minion', ...says });
  });
}

test('nodes outside of the group count, and it is never made smaller', (t) => {
  const node = (group: string | undefined): Partial<AwsInstance> => ({
    ...{ roles: ['minion'], state: 'running', group },
  });
  const mixed = clusterWith([GROUP], [node(undefined), node(undefined), node('kiln-demo-minion')]);
  t.is(desiredOf(mixed, ['minion'], 8), 6);
  t.is(desiredOf(mixed, ['minion'], 4), 3);
  t.is(desiredOf(clusterWith([], [node(undefined)]), ['minion'], 4), 3);
  const hidden = clusterWith([], [node(undefined), node('kiln-demo-minion'), node('kiln-demo-minion')]);
  t.is(desiredOf(hidden, ['minion'], 4), 3, 'AWS shows its nodes and not yet the group');
});

const exists = {
  'autoscaling:CreateAutoScalingGroup': () => {
    throw awsError('AlreadyExistsFault', 'AutoScalingGroup by this name already exists');
  },
};

function hiddenGroup(desired: number): Answers {
  let looks = 0;
  return {
    ...exists,
    'autoscaling:DescribeAutoScalingGroups': () => {
      looks += 1;
      const shown = {
        ...{
          AutoScalingGroupName: 'kiln-demo-minion',
          MinSize: 0,
          MaxSize: desired,
          DesiredCapacity: desired,
        },
        ...{ DefaultCooldown: 300, AvailabilityZones: [], HealthCheckType: 'EC2', CreatedTime: new Date() },
        Tags: demoTags('minion'),
      };
      return { AutoScalingGroups: looks < 3 ? [] : [shown] };
    },
  };
}

test('a group that AWS did not show yet is found and raised', async (t) => {
  const calls = await launch(clusterWith([]), 5, { answers: hiddenGroup(3) });
  t.is(calls.at(-1)?.name, 'autoscaling:UpdateAutoScalingGroup');
  t.like(calls.at(-1)?.input, { DesiredCapacity: 5, MaxSize: 5 });
});

test('one that was larger all the while keeps its size', async (t) => {
  const calls = await launch(clusterWith([]), 4, { answers: hiddenGroup(10) });
  t.is(calls.at(-1)?.name, 'autoscaling:UpdateAutoScalingGroup');
  t.deepEqual(Object.keys(calls.at(-1)?.input ?? {}), [
    ...['AutoScalingGroupName', 'LaunchTemplate', 'VPCZoneIdentifier'],
  ]);
});

test('somebody else’s group of that name is not touched', async (t) => {
  const answers: Answers = {
    ...exists,
    'autoscaling:DescribeAutoScalingGroups': () => ({ AutoScalingGroups: [] }),
  };
  await t.throwsAsync(launch(clusterWith([]), 5, { answers }), {
    code: 'AWS_FAILED',
    message: /has not the tags of cluster demo/,
  });
});
