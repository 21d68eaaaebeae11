import test from 'ava';
import { describeCluster } from '../../../src/providers/aws/describe-cluster.js';
import { demoTags, recordedApi } from './recorder.js';

const launched = new Date('2026-11-21T10:00:00Z');

test('asks for both tags in every call, since a tag alone is anybody’s', async (t) => {
  const { api, calls } = recordedApi({});
  const cluster = await describeCluster(api, 'demo');
  t.deepEqual(calls.map(({ name }) => name).toSorted(), [
    'autoscaling:DescribeAutoScalingGroups',
    'ec2:DescribeInstances',
    'ec2:DescribeLaunchTemplates',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeVolumes',
  ]);
  for (const { input } of calls) {
    t.deepEqual((input as { Filters: unknown }).Filters, [
      { Name: 'tag:KubernetesCluster', Values: ['demo'] },
      { Name: 'tag:managed-by', Values: ['kiln'] },
    ]);
  }
  t.deepEqual(cluster, {
    name: 'demo',
    region: 'eu-west-1',
    account: undefined,
    instances: [],
    groups: [],
    templates: [],
    volumes: [],
    networkInterfaces: [],
  });
});

test('reads all pages and all reservations of a page; an empty token ends a list', async (t) => {
  const pages = [
    { Reservations: [reservation('i-1', 'i-2'), reservation('i-3')], NextToken: 'second' },
    { Reservations: [], NextToken: 'third' },
    { Reservations: [reservation('i-4')], NextToken: '' },
  ];
  const tokens: unknown[] = [];
  const { api } = recordedApi({
    'ec2:DescribeInstances': ({ NextToken }) => {
      tokens.push(NextToken);
      return pages[tokens.length - 1] ?? {};
    },
  });
  const { instances } = await describeCluster(api, 'demo');
  t.deepEqual(
    instances.map(({ id }) => id),
    ['i-1', 'i-2', 'i-3', 'i-4'],
  );
  t.deepEqual(tokens, [undefined, 'second', 'third']);
});

test('a dry run asks nothing and finds an empty cluster', async (t) => {
  const { api, calls } = recordedApi({}, { dryRun: true });
  t.deepEqual((await describeCluster(api, 'demo')).instances, []);
  t.deepEqual(calls, []);
});

test('tells roles, group, address and why an instance is in its state; names sort as people count', async (t) => {
  const { api } = recordedApi({
    'ec2:DescribeInstances': () => ({
      Reservations: [
        {
          Instances: [
            {
              InstanceId: 'i-10',
              ImageId: 'ami-1',
              InstanceType: 'm6i.large',
              SubnetId: 'subnet-a',
              Placement: { AvailabilityZone: 'eu-west-1a' },
              PrivateIpAddress: '10.0.0.10',
              PublicIpAddress: '',
              LaunchTime: launched,
              State: { Name: 'terminated' },
              StateReason: { Code: 'Server.InternalError', Message: 'Server.InternalError: on launch' },
              Tags: demoTags('master-minion', 'demo-master-10'),
            },
            {
              InstanceId: 'i-2',
              State: { Name: 'running' },
              Tags: demoTags('master-minion', 'demo-master-2'),
            },
            {
              InstanceId: 'i-3',
              StateReason: { Code: 'pending', Message: 'on its way' },
              Tags: [...demoTags('minion'), { Key: 'aws:autoscaling:groupName', Value: 'kiln-demo-minion' }],
            },
          ],
        },
      ],
    }),
  });
  const { instances } = await describeCluster(api, 'demo');
  t.deepEqual(
    instances.map(({ id }) => id),
    ['i-2', 'i-10', 'i-3'],
  );
  t.deepEqual(instances[1], {
    id: 'i-10',
    name: 'demo-master-10',
    roles: ['master', 'minion'],
    state: 'terminated',
    stateReason: 'Server.InternalError: on launch',
    type: 'm6i.large',
    subnet: 'subnet-a',
    zone: 'eu-west-1a',
    address: '10.0.0.10',
    publicAddress: undefined,
    imageId: 'ami-1',
    launched: '2026-11-21T10:00:00.000Z',
    group: undefined,
  });
  t.like(instances[2], {
    name: 'i-3',
    group: 'kiln-demo-minion',
    state: 'pending',
    stateReason: 'pending: on its way',
  });
});

test('groups with their template’s pinned version, templates', async (t) => {
  const { api } = recordedApi({
    'autoscaling:DescribeAutoScalingGroups': () => ({
      AutoScalingGroups: [
        {
          AutoScalingGroupName: 'kiln-demo-minion',
          MinSize: 1,
          MaxSize: 9,
          DesiredCapacity: 4,
          DefaultCooldown: 300,
          AvailabilityZones: [],
          HealthCheckType: 'EC2',
          CreatedTime: launched,
          LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '3' },
          VPCZoneIdentifier: 'subnet-a,subnet-b',
          Tags: demoTags('minion'),
          Instances: [
            {
              InstanceId: 'i-1',
              LifecycleState: 'InService',
              HealthStatus: 'Healthy',
              AvailabilityZone: 'a',
              ProtectedFromScaleIn: false,
            },
          ],
        },
      ],
    }),
    'ec2:DescribeLaunchTemplates': () => ({
      LaunchTemplates: [
        {
          LaunchTemplateId: 'lt-1',
          LaunchTemplateName: 'kiln-demo-minion',
          LatestVersionNumber: 3,
          Tags: demoTags('minion'),
        },
      ],
    }),
  });
  const { groups, templates } = await describeCluster(api, 'demo');
  t.deepEqual(groups, [
    {
      name: 'kiln-demo-minion',
      roles: ['minion'],
      min: 1,
      max: 9,
      desired: 4,
      template: { id: 'lt-1', version: '3' },
      subnets: ['subnet-a', 'subnet-b'],
      status: undefined,
      instances: [{ id: 'i-1', lifecycle: 'InService', health: 'Healthy' }],
    },
  ]);
  t.deepEqual(templates, [{ id: 'lt-1', name: 'kiln-demo-minion', roles: ['minion'], latestVersion: 3 }]);
});

test('volumes and interfaces of live instances go with them; those of ended ones and of none are left over', async (t) => {
  const { api } = recordedApi({
    'ec2:DescribeInstances': () => ({
      Reservations: [
        {
          Instances: [
            { InstanceId: 'i-live', State: { Name: 'running' }, Tags: demoTags('master') },
            { InstanceId: 'i-dead', State: { Name: 'terminated' }, Tags: demoTags('master') },
          ],
        },
      ],
    }),
    'ec2:DescribeVolumes': () => ({
      Volumes: [
        { VolumeId: 'vol-live', State: 'in-use' as const, Attachments: [{ InstanceId: 'i-live' }] },
        { VolumeId: 'vol-dead', State: 'in-use' as const, Attachments: [{ InstanceId: 'i-dead' }] },
        { VolumeId: 'vol-none', State: 'available' as const, Attachments: [] },
      ].map((volume) => ({ ...volume, Tags: demoTags('master') })),
    }),
    'ec2:DescribeNetworkInterfaces': () => ({
      NetworkInterfaces: [
        { NetworkInterfaceId: 'eni-live', Status: 'in-use' as const, Attachment: { InstanceId: 'i-live' } },
        { NetworkInterfaceId: 'eni-none', Status: 'available' as const },
      ].map((each) => ({ ...each, TagSet: demoTags('master') })),
    }),
  });
  const { volumes, networkInterfaces } = await describeCluster(api, 'demo');
  t.deepEqual(volumes, [
    { id: 'vol-dead', state: 'in-use' },
    { id: 'vol-none', state: 'available' },
  ]);
  t.deepEqual(networkInterfaces, [{ id: 'eni-none', state: 'available' }]);
});

function reservation(...ids: string[]) {
  return {
    Instances: ids.map((InstanceId) => ({
      InstanceId,
      LaunchTime: launched,
      Tags: demoTags('minion', 'demo-minion'),
    })),
  };
}
