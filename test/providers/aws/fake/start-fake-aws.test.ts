import * as autoScaling from '@aws-sdk/client-auto-scaling';
import * as ec2 from '@aws-sdk/client-ec2';
import * as iam from '@aws-sdk/client-iam';
import test, { type ExecutionContext } from 'ava';
import { CALLS } from '../../../../src/providers/aws/calls.js';
import { furnish, IDS, living, withoutTags } from './furnish.js';
import { startFakeAws } from './start-fake-aws.js';

const [SUBNET, OTHER] = IDS.subnets;
const TAGS = [{ Key: 'KubernetesCluster', Value: 'demo' }];
const RUN = {
  ImageId: IDS.image,
  InstanceType: 't3.medium',
  MinCount: 2,
  MaxCount: 2,
  ClientToken: 'one',
  NetworkInterfaces: [
    { DeviceIndex: 0, SubnetId: SUBNET, Groups: [IDS.securityGroup], DeleteOnTermination: true },
  ],
  TagSpecifications: (['instance', 'volume', 'network-interface'] as const).map((ResourceType) => ({
    ResourceType,
    Tags: TAGS,
  })),
} satisfies ec2.RunInstancesCommandInput;

async function start(t: ExecutionContext) {
  const fake = await startFakeAws(t);
  furnish(fake.account);
  const config = {
    endpoint: fake.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'not-a-secret' },
    maxAttempts: 1,
  };
  const client = new ec2.EC2Client(config);
  const groups = new autoScaling.AutoScalingClient(config);
  return {
    fake,
    account: fake.account,
    client,
    groups,
    profiles: new iam.IAMClient(config),
    run: (change: Partial<ec2.RunInstancesCommandInput> = {}) =>
      client.send(new ec2.RunInstancesCommand({ ...RUN, ...change })),
    list: async (input: ec2.DescribeInstancesCommandInput = {}) => {
      const { Reservations = [] } = await client.send(new ec2.DescribeInstancesCommand(input));
      return Reservations.flatMap(({ Instances = [] }) => Instances);
    },
  };
}

test('it answers every action kiln calls, and none that does not exist', async (t) => {
  const { fake } = await start(t);
  for (const name of Object.keys(CALLS)) {
    const [service, action] = name.split(':');
    const response = await fetch(fake.url, {
      method: 'POST',
      headers: { authorization: `AWS4-HMAC-SHA256 Credential=x/20261121/us-east-1/${service}/aws4_request` },
      body: `Action=${action}&Version=1`,
    });
    t.false((await response.text()).includes('InvalidAction'), name);
  }
  const unsigned = await fetch(fake.url, { method: 'POST', body: 'Action=RunInstances' });
  t.regex(await unsigned.text(), /InvalidAction/);
});

test('what an instance is made of is read back as it was asked for', async (t) => {
  const { run, list, client, account } = await start(t);
  const { Instances = [] } = await run({
    InstanceInitiatedShutdownBehavior: 'terminate',
    IamInstanceProfile: { Name: IDS.profile },
    MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
    BlockDeviceMappings: [
      {
        DeviceName: '/dev/xvda',
        Ebs: { VolumeType: 'gp3', Encrypted: true, VolumeSize: 20, DeleteOnTermination: true },
      },
    ],
  });
  t.is(Instances.length, 2);
  const [found] = await list({ Filters: [{ Name: 'tag:KubernetesCluster', Values: ['demo'] }] });
  t.is(found?.State?.Name, 'pending');
  t.is(found?.MetadataOptions?.HttpTokens, 'required');
  t.is(found?.SubnetId, SUBNET);
  t.true(found?.LaunchTime instanceof Date);
  t.deepEqual(found?.Tags, TAGS);
  const { Volumes = [] } = await client.send(new ec2.DescribeVolumesCommand({}));
  t.deepEqual([Volumes.length, Volumes[0]?.Encrypted, Volumes[0]?.Size], [2, true, 20]);
  t.deepEqual(Volumes[0]?.Tags, TAGS);
  t.deepEqual(withoutTags(account, { KubernetesCluster: 'demo' }), []);
  const states = await list();
  t.deepEqual(
    states.map(({ State }) => State?.Name),
    ['running', 'running'],
  );
});

test('a token repeats its answer, also when the instances are gone, and takes no other request', async (t) => {
  const { run, account, client } = await start(t);
  const first = await run();
  const again = await run();
  t.deepEqual(
    again.Instances?.map(({ InstanceId }) => InstanceId),
    first.Instances?.map(({ InstanceId }) => InstanceId),
  );
  await t.throwsAsync(run({ InstanceType: 't3.large' }), { name: 'IdempotentParameterMismatch' });
  const InstanceIds = first.Instances?.map(({ InstanceId = '' }) => InstanceId) ?? [];
  await client.send(new ec2.TerminateInstancesCommand({ InstanceIds }));
  t.is((await run()).Instances?.[0]?.State?.Name, 'shutting-down');
  t.is(account.instances.size, 2);
  t.is(living(account).length, 0);
  t.is(account.volumes.size, 0);
  t.is(account.interfaces.size, 0);
});

test('a disk that is not said to go with its instance stays, and goes by itself only when nothing uses it', async (t) => {
  const { run, account, client } = await start(t);
  const { Instances = [] } = await run({
    BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 8 } }],
  });
  const remove = () => client.send(new ec2.DeleteVolumeCommand({ VolumeId: [...account.volumes.keys()][0] }));
  await t.throwsAsync(remove(), { name: 'VolumeInUse' });
  const InstanceIds = Instances.map(({ InstanceId = '' }) => InstanceId);
  await client.send(new ec2.TerminateInstancesCommand({ InstanceIds }));
  t.is(account.volumes.size, 2);
  await remove();
  t.is(account.volumes.size, 1);
});

test('capacity: all, some or HTTP 500, and a token that failed may be tried again as it was', async (t) => {
  const { run, account } = await start(t);
  account.capacity.set(`${SUBNET} t3.medium`, 1);
  const error = await t.throwsAsync(run(), { name: 'InsufficientInstanceCapacity' });
  t.is((error as ec2.EC2ServiceException).$metadata.httpStatusCode, 500);
  await t.throwsAsync(run({ MinCount: 1 }), { name: 'IdempotentParameterMismatch' });
  t.is((await run({ MinCount: 1, ClientToken: 'two' })).Instances?.length, 1);
  account.capacity.set(`${SUBNET} t3.medium`, 2);
  t.is((await run()).Instances?.length, 2);
});

test('full subnets, quotas, user data, and things that do not exist are refused', async (t) => {
  const { run, account, fake } = await start(t);
  fake.throttle('ec2:RunInstances', { size: 100, perSecond: 100 });
  const refused = async (name: string, change: Partial<ec2.RunInstancesCommandInput>) => {
    await t.throwsAsync(
      run({ ClientToken: `${name}${Math.random()}`.slice(0, 64), ...change }),
      { name },
      name,
    );
  };
  await refused('InvalidAMIID.NotFound', { ImageId: 'ami-00000000000000000' });
  await refused('InvalidParameterValue', { InstanceType: 'x9.huge' as 't3.medium' });
  await refused('InvalidParameterValue', { InstanceType: 't4g.medium' });
  await refused('InvalidParameterValue', { MinCount: 3 });
  await refused('InvalidParameterValue', { UserData: Buffer.alloc(16_385).toString('base64') });
  await refused('InvalidUserData.Malformed', { UserData: '#cloud-config' });
  await refused('InvalidParameterCombination', { SubnetId: SUBNET });
  await refused('InvalidParameterCombination', { SecurityGroupIds: [IDS.securityGroup] });
  await refused('InvalidSubnetID.NotFound', {
    NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: 'subnet-1' }],
  });
  await refused('InvalidBlockDeviceMapping', {
    BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 4 } }],
  });
  await refused('UnknownParameter', { KeyName: 'a key' });
  const subnet = account.subnets.get(SUBNET);
  if (subnet !== undefined) subnet.free = 1;
  await refused('InsufficientFreeAddressesInSubnet', {});
  account.instanceLimit = 1;
  await refused('InstanceLimitExceeded', {});
  t.is(account.instances.size, 0);
});

test('a new profile is not known to EC2 for a while, and is to IAM', async (t) => {
  const { run, account, profiles } = await start(t);
  account.profiles.set('new', { name: 'new', unknownToEc2: 1 });
  const found = await profiles.send(new iam.GetInstanceProfileCommand({ InstanceProfileName: 'new' }));
  t.is(found.InstanceProfile?.InstanceProfileName, 'new');
  await t.throwsAsync(run({ IamInstanceProfile: { Name: 'new' } }), {
    name: 'InvalidParameterValue',
    message: /Invalid IAM Instance Profile name/,
  });
  t.is((await run({ IamInstanceProfile: { Name: 'new' } })).Instances?.length, 2);
  const none = profiles.send(new iam.GetInstanceProfileCommand({ InstanceProfileName: 'none' }));
  await t.throwsAsync(none, { name: 'NoSuchEntityException' });
});

test('eventual consistency: instances, then their tags, come into view one look after the other', async (t) => {
  const { run, list, account } = await start(t);
  account.delays = { instances: 1, tags: 2, running: 1, terminated: 1 };
  const { Instances = [] } = await run();
  const InstanceIds = Instances.map(({ InstanceId = '' }) => InstanceId);
  await t.throwsAsync(list({ InstanceIds }), { name: 'InvalidInstanceID.NotFound' });
  const [untagged] = await list({ InstanceIds });
  t.deepEqual(untagged?.Tags ?? [], []);
  const Filters = [{ Name: 'tag:KubernetesCluster', Values: ['demo'] }];
  t.is((await list({ Filters })).length, 2);
});

test('answers come in pages, ids do not', async (t) => {
  const { run, list, account, client } = await start(t);
  account.pageSize = 2;
  await run({ MinCount: 5, MaxCount: 5 });
  const seen: string[] = [];
  for await (const page of ec2.paginateDescribeInstances({ client }, { MaxResults: 1000 }))
    seen.push(
      ...(page.Reservations ?? []).flatMap(({ Instances = [] }) =>
        Instances.map((each) => each.InstanceId ?? ''),
      ),
    );
  t.is(new Set(seen).size, 5);
  t.is((await list({ InstanceIds: seen })).length, 5);
  await t.throwsAsync(list({ InstanceIds: seen, MaxResults: 5 }), { name: 'InvalidParameterCombination' });
  await t.throwsAsync(list({ Filters: [{ Name: 'colour', Values: ['red'] }] }), {
    name: 'InvalidParameterValue',
  });
  await t.throwsAsync(list({ NextToken: 'x' }), { name: 'InvalidNextToken' });
});

test('templates: names are unique, versions count, a launch takes what it does not say from one', async (t) => {
  const { client, run } = await start(t);
  const LaunchTemplateData = { ImageId: IDS.image, InstanceType: 't3.medium', UserData: 'aGVsbG8=' } as const;
  const create = new ec2.CreateLaunchTemplateCommand({
    LaunchTemplateName: 'kiln-demo-master',
    LaunchTemplateData,
  });
  const { LaunchTemplate } = await client.send(create);
  await t.throwsAsync(
    client.send(
      new ec2.CreateLaunchTemplateCommand({ LaunchTemplateName: 'kiln-demo-master', LaunchTemplateData }),
    ),
    { name: 'InvalidLaunchTemplateName.AlreadyExistsException' },
  );
  const LaunchTemplateId = LaunchTemplate?.LaunchTemplateId;
  const version = { LaunchTemplateId, VersionDescription: 'digest', LaunchTemplateData };
  await client.send(new ec2.CreateLaunchTemplateVersionCommand(version));
  const { LaunchTemplateVersions = [] } = await client.send(
    new ec2.DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId }),
  );
  t.deepEqual(
    LaunchTemplateVersions.map(({ VersionNumber }) => VersionNumber),
    [1, 2],
  );
  t.is(LaunchTemplateVersions[1]?.LaunchTemplateData?.UserData, 'aGVsbG8=');
  const bare = { ImageId: undefined, InstanceType: undefined } as Partial<ec2.RunInstancesCommandInput>;
  const from = (Version: string) => run({ ...bare, LaunchTemplate: { LaunchTemplateId, Version } as never });
  await t.throwsAsync(from('3'), { name: 'InvalidLaunchTemplateId.VersionNotFound' });
  const { Instances = [] } = await from('2');
  t.true(
    Instances[0]?.Tags?.some(({ Key, Value }) => Key === 'aws:ec2launchtemplate:version' && Value === '2'),
  );
});

test('groups launch, heal, refuse, and end with their instances', async (t) => {
  const { client, groups, account, list } = await start(t);
  const { LaunchTemplate } = await client.send(
    new ec2.CreateLaunchTemplateCommand({
      LaunchTemplateName: 'kiln-demo-minion',
      LaunchTemplateData: { ImageId: IDS.image, InstanceType: 't3.medium' },
    }),
  );
  const group = {
    AutoScalingGroupName: 'kiln-demo-minion',
    MinSize: 0,
    MaxSize: 4,
    DesiredCapacity: 4,
    VPCZoneIdentifier: `${SUBNET},${OTHER}`,
    LaunchTemplate: {
      LaunchTemplateId: LaunchTemplate?.LaunchTemplateId,
      Version: '1',
    } as autoScaling.LaunchTemplateSpecification,
    Tags: [{ Key: 'KubernetesCluster', Value: 'demo', PropagateAtLaunch: true }],
  };
  account.capacity.set(`${OTHER} t3.medium`, 1);
  const create = (change = {}) =>
    groups.send(new autoScaling.CreateAutoScalingGroupCommand({ ...group, ...change }));
  await t.throwsAsync(create({ DesiredCapacity: 5 }), { name: 'ValidationError', message: /max size/ });
  await create();
  await t.throwsAsync(create(), { name: 'AlreadyExistsFault' });
  const [first] = await list();
  t.true(first?.Tags?.some(({ Key }) => Key === 'aws:autoscaling:groupName'));
  t.is(living(account).length, 4);
  await client.send(new ec2.TerminateInstancesCommand({ InstanceIds: [first?.InstanceId ?? ''] }));
  const { AutoScalingGroups = [] } = await groups.send(
    new autoScaling.DescribeAutoScalingGroupsCommand({
      Filters: [{ Name: 'tag:KubernetesCluster', Values: ['demo'] }],
    }),
  );
  t.is(AutoScalingGroups[0]?.DesiredCapacity, 4);
  t.is(living(account).length, 4);
  const remove = (ForceDelete: boolean) =>
    groups.send(
      new autoScaling.DeleteAutoScalingGroupCommand({
        AutoScalingGroupName: group.AutoScalingGroupName,
        ForceDelete,
      }),
    );
  await t.throwsAsync(remove(false), { name: 'ResourceInUseFault' });
  account.capacity.set(`${SUBNET} t3.medium`, 0);
  account.capacity.set(`${OTHER} t3.medium`, 0);
  const name = { AutoScalingGroupName: group.AutoScalingGroupName };
  await groups.send(
    new autoScaling.UpdateAutoScalingGroupCommand({ ...name, MaxSize: 6, DesiredCapacity: 6 }),
  );
  const { Activities = [] } = await groups.send(new autoScaling.DescribeScalingActivitiesCommand(name));
  t.is(Activities[0]?.StatusCode, 'Failed');
  t.regex(Activities[0]?.StatusMessage ?? '', /do not have sufficient t3.medium capacity/);
  await remove(true);
  t.is(living(account).length, 0);
});

test('throttling, scripted refusals, and connections that break after the work is done', async (t) => {
  const { fake, run, account, list } = await start(t);
  fake.refuse('ec2:DescribeInstances', { code: 'Blocked' });
  await t.throwsAsync(list(), { name: 'Blocked' });
  await list();
  fake.breakAfter('ec2:RunInstances');
  await t.throwsAsync(run(), { code: 'ECONNRESET' });
  t.is(account.instances.size, 2);
  t.is((await run()).Instances?.length, 2);
  t.is(account.instances.size, 2);
  fake.throttle('ec2:RunInstances', { size: 1, perSecond: 0 });
  await run();
  const error = await t.throwsAsync(run(), { name: 'RequestLimitExceeded' });
  t.is((error as ec2.EC2ServiceException).$metadata.httpStatusCode, 503);
  t.is(fake.count('ec2:RunInstances'), 4);
  t.is(fake.calls.at(-1)?.code, 'RequestLimitExceeded');
});
