import * as autoScaling from '@aws-sdk/client-auto-scaling';
import * as ec2 from '@aws-sdk/client-ec2';
import test from 'ava';
import { IDS, living } from './furnish.js';
import { OTHER, SUBNET, start } from './sdk-clients.js';

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
