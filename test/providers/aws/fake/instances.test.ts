import * as ec2 from '@aws-sdk/client-ec2';
import * as iam from '@aws-sdk/client-iam';
import test from 'ava';
import { IDS, living, withoutTags } from './furnish.js';
import { SUBNET, start, TAGS } from './sdk-clients.js';

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
