import type * as Ec2 from '@aws-sdk/client-ec2';
import test from 'ava';
import { formatAwsStatus } from '../../../src/cli/commands/launch/aws/format-aws-status.js';
import { readAwsStatus } from '../../../src/providers/aws/cluster-status.js';
import { listAwsClusters } from '../../../src/providers/aws/list-clusters.js';
import { type Answers, awsError, demoTags, recordedApi } from './recorder.js';

const launched = new Date('2026-11-21T10:00:00Z');

function instance(id: string, but: Partial<Ec2.Instance> = {}, role = 'master', name = `demo-${id}`) {
  return {
    InstanceId: id,
    State: { Name: 'running' as const },
    InstanceType: 'm6i.large' as const,
    Placement: { AvailabilityZone: 'eu-west-1a' },
    PrivateIpAddress: '10.0.0.1',
    ImageId: 'ami-1',
    LaunchTime: launched,
    Tags: demoTags(role, name),
    ...but,
  };
}

function answersOf(...Instances: Ec2.Instance[]): Answers {
  return { 'ec2:DescribeInstances': () => ({ Reservations: [{ Instances }] }) };
}

function group(inService: number, desired: number): Answers {
  return {
    'autoscaling:DescribeAutoScalingGroups': () => ({
      AutoScalingGroups: [
        {
          AutoScalingGroupName: 'kiln-demo-minion',
          MinSize: 0,
          MaxSize: desired,
          DesiredCapacity: desired,
          DefaultCooldown: 0,
          AvailabilityZones: [],
          HealthCheckType: 'EC2',
          CreatedTime: launched,
          Tags: demoTags('minion'),
          Instances: Array.from({ length: inService }, (_, index) => ({
            InstanceId: `i-m${index}`,
            LifecycleState: 'InService' as const,
            HealthStatus: 'Healthy',
            AvailabilityZone: 'a',
            ProtectedFromScaleIn: false,
          })),
        },
      ],
    }),
  };
}

test('a well cluster has nothing wrong, and its history is not asked for', async (t) => {
  const { api, calls } = recordedApi({ ...answersOf(instance('i-1')), ...group(2, 2) });
  const status = await readAwsStatus(api, 'demo');
  t.deepEqual(status?.problems, []);
  t.like(status?.nodes[0], { id: 'i-1', state: 'running', reason: null, group: null, checks: null });
  t.like(status?.groups[0], { desired: 2, inService: 2, failures: [] });
  t.false(calls.some(({ name }) => name === 'autoscaling:DescribeScalingActivities'));
});

test('no such cluster: nothing tagged, or only instances that ended', async (t) => {
  t.is(await readAwsStatus(recordedApi({}).api, 'demo'), undefined);
  const ended = answersOf(instance('i-1', { State: { Name: 'terminated' } }));
  t.is(await readAwsStatus(recordedApi(ended).api, 'demo'), undefined);
});

test('the checks of 250 instances are asked for by hundreds, and one that fails them is told', async (t) => {
  const many = Array.from({ length: 250 }, (_, index) => instance(`i-${index}`));
  const sizes: number[] = [];
  const { api } = recordedApi({
    ...answersOf(...many),
    'ec2:DescribeInstanceStatus': ({ InstanceIds = [] }) => {
      sizes.push(InstanceIds.length);
      return {
        InstanceStatuses: InstanceIds.map((InstanceId) => ({
          InstanceId,
          InstanceStatus: { Status: InstanceId === 'i-7' ? ('impaired' as const) : ('ok' as const) },
          SystemStatus: { Status: 'ok' as const },
        })),
      };
    },
  });
  const status = await readAwsStatus(api, 'demo');
  t.deepEqual(sizes, [100, 100, 50]);
  t.deepEqual(status?.problems, [
    "demo-i-7 (i-7) fails AWS's own checks of the machine: `launch logs i-7 --provider aws` shows its console.",
  ]);
});

test('an instance that ended between two calls spoils nothing', async (t) => {
  const { api } = recordedApi({
    ...answersOf(instance('i-1')),
    'ec2:DescribeInstanceStatus': () => {
      throw awsError('InvalidInstanceID.NotFound');
    },
  });
  t.is((await readAwsStatus(api, 'demo'))?.nodes[0]?.checks, null);
});

test('a master that ended by itself is told with AWS’s reason, until another has its name; one somebody ended is not', async (t) => {
  const reason = {
    Code: 'Server.InternalError',
    Message: 'Server.InternalError: Internal error on launch',
  };
  const dead = instance(
    'i-2',
    { State: { Name: 'terminated' }, StateReason: reason },
    'master',
    'demo-master-2',
  );
  const { api } = recordedApi(answersOf(instance('i-1'), dead));
  t.deepEqual((await readAwsStatus(api, 'demo'))?.problems, [
    'demo-master-2 (i-2) ended by itself: Server.InternalError: Internal error on launch. The same launch of --role master replaces it.',
  ]);
  const replaced = recordedApi(answersOf(dead, instance('i-3', {}, 'master', 'demo-master-2')));
  t.deepEqual((await readAwsStatus(replaced.api, 'demo'))?.problems, []);
  const wanted = {
    ...dead,
    StateReason: {
      Code: 'Client.UserInitiatedShutdown',
      Message: 'Client.UserInitiatedShutdown: User initiated shutdown',
    },
  };
  const ended = recordedApi(answersOf(instance('i-1'), wanted));
  t.deepEqual((await readAwsStatus(ended.api, 'demo'))?.problems, []);
});

test('a group that is short says why it could not launch since it last could, each reason once', async (t) => {
  const activity = (StatusCode: string, StatusMessage: string, minute: number) => ({
    ActivityId: String(minute),
    AutoScalingGroupName: 'kiln-demo-minion',
    Cause: '',
    StartTime: new Date(Date.UTC(2026, 10, 21, 10, minute)),
    EndTime: new Date(Date.UTC(2026, 10, 21, 10, minute)),
    StatusCode: StatusCode as 'Failed',
    StatusMessage,
  });
  const full = 'We currently do not have sufficient m6i.large capacity.';
  const { api } = recordedApi({
    ...group(1, 3),
    'autoscaling:DescribeScalingActivities': () => ({
      Activities: [
        activity('Failed', full, 9),
        activity('Failed', full, 8),
        activity('Failed', 'You have exceeded your vCPU limit.', 7),
        activity('Successful', '', 6),
        activity('Failed', 'an old story', 5),
      ],
    }),
  });
  const status = await readAwsStatus(api, 'demo');
  t.deepEqual(status?.groups[0]?.failures, [
    { time: '2026-11-21T10:09:00.000Z', message: full },
    { time: '2026-11-21T10:07:00.000Z', message: 'You have exceeded your vCPU limit.' },
  ]);
  t.deepEqual(status?.problems, [
    'Group kiln-demo-minion has 1 of 3 nodes in service: We currently do not have sufficient m6i.large capacity.',
  ]);
});

test('as text: a row for each node and group, and what is wrong or that nothing is', async (t) => {
  const { api } = recordedApi({
    ...answersOf(instance('i-1', {}, 'master', 'demo-master-1')),
    ...group(0, 2),
  });
  const status = await readAwsStatus(api, 'demo');
  if (status === undefined) return t.fail();
  t.is(
    formatAwsStatus(status, new Date('2026-11-21T11:00:01Z')),
    `cluster demo in eu-west-1; Kubernetes, etcd and API unknown: nodes on AWS have no identity yet, so Kubernetes does not start on them

NODE           ID   ROLES   STATE    TYPE       ZONE        ADDRESS   AMI    AGE  GROUP
demo-master-1  i-1  master  running  m6i.large  eu-west-1a  10.0.0.1  ami-1  60m  -

GROUP             ROLES   IN SERVICE  DESIRED  MOST  LAST FAILURE
kiln-demo-minion  minion  0           2        2     -

Group kiln-demo-minion has 0 of 2 nodes in service: they are on their way.`,
  );
  t.regex(formatAwsStatus({ ...status, problems: [] }, launched), /\n\nAWS knows of nothing wrong\.$/);
});

test('what is left over of a cluster is told', async (t) => {
  const { api } = recordedApi({
    ...answersOf(instance('i-1')),
    'ec2:DescribeVolumes': () => ({
      Volumes: [{ VolumeId: 'vol-1', State: 'available', Tags: demoTags('master') }],
    }),
  });
  t.deepEqual((await readAwsStatus(api, 'demo'))?.problems, [
    'Left over from nodes that ended: vol-1; `launch destroy` removes them with the cluster.',
  ]);
});

test('lists the clusters of a region by tags: ended nodes do not count, and what is of no cluster is none', async (t) => {
  const { api, calls } = recordedApi({
    ...answersOf(
      instance('i-1'),
      instance('i-2'),
      instance('i-3', { State: { Name: 'terminated' } }),
      instance('i-4', {}, 'minion'),
      instance('i-5', { Tags: [{ Key: 'managed-by', Value: 'kiln' }] }),
    ),
    ...group(0, 1),
    'ec2:DescribeLaunchTemplates': () => ({
      LaunchTemplates: [
        {
          LaunchTemplateId: 'lt-1',
          Tags: [
            { Key: 'KubernetesCluster', Value: 'alone' },
            { Key: 'managed-by', Value: 'kiln' },
          ],
        },
      ],
    }),
  });
  t.deepEqual(await listAwsClusters(api), [
    { name: 'alone', region: 'eu-west-1', nodes: {}, groups: [] },
    { name: 'demo', region: 'eu-west-1', nodes: { master: 2, minion: 1 }, groups: ['kiln-demo-minion'] },
  ]);
  for (const { input } of calls) {
    t.deepEqual((input as { Filters: unknown }).Filters, [{ Name: 'tag:managed-by', Values: ['kiln'] }]);
  }
});
