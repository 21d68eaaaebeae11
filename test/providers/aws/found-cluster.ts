import * as autoScaling from '@aws-sdk/client-auto-scaling';
import * as ec2 from '@aws-sdk/client-ec2';
import { roleName, roleTags, tagList } from '../../../src/providers/aws/tags.js';
import { clientConfig } from '../../helpers/aws-environment.js';
import { furnish, IDS } from './fake/furnish.js';
import type { FakeAws } from './fake/start-fake-aws.js';

/** Puts a cluster into the fake by AWS's own client, tagged as kiln does it: three masters and a group of minions. */
export async function foundCluster(fake: FakeAws, cluster: string, { minions = 2 } = {}): Promise<void> {
  furnish(fake.account);
  const config = clientConfig(fake);
  const client = new ec2.EC2Client(config);
  for (const role of ['master', 'minion'])
    await client.send(new ec2.CreateLaunchTemplateCommand(template(cluster, role)));
  for (const [index, subnet] of IDS.subnets.entries())
    await client.send(new ec2.RunInstancesCommand(master(cluster, index + 1, subnet)));
  const groups = new autoScaling.AutoScalingClient(config);
  await groups.send(new autoScaling.CreateAutoScalingGroupCommand(group(cluster, minions)));
  // Seen often enough to run.
  fake.account.describes += 10;
}

function template(cluster: string, role: string): ec2.CreateLaunchTemplateCommandInput {
  const tags = roleTags({ cluster, roles: [role] });
  return {
    LaunchTemplateName: roleName(cluster, [role]),
    TagSpecifications: [{ ResourceType: 'launch-template', Tags: tagList(tags) }],
    LaunchTemplateData: {
      ImageId: IDS.image,
      InstanceType: 't3.medium',
      SecurityGroupIds: [IDS.securityGroup],
      TagSpecifications: (['instance', 'volume', 'network-interface'] as const).map((ResourceType) => ({
        ResourceType,
        Tags: tagList({ ...tags, Name: `${cluster}-${role}` }),
      })),
    },
  };
}

function master(cluster: string, number: number, SubnetId: string): ec2.RunInstancesCommandInput {
  const tags = { ...roleTags({ cluster, roles: ['master'] }), Name: `${cluster}-master-${number}` };
  return {
    LaunchTemplate: { LaunchTemplateName: roleName(cluster, ['master']), Version: '1' },
    SubnetId,
    MinCount: 1,
    MaxCount: 1,
    TagSpecifications: (['instance', 'volume', 'network-interface'] as const).map((ResourceType) => ({
      ResourceType,
      Tags: tagList(tags),
    })),
  };
}

function group(cluster: string, size: number): autoScaling.CreateAutoScalingGroupCommandInput {
  const name = roleName(cluster, ['minion']);
  const tags = { ...roleTags({ cluster, roles: ['minion'] }), Name: `${cluster}-minion` };
  return {
    AutoScalingGroupName: name,
    MinSize: 0,
    MaxSize: size,
    DesiredCapacity: size,
    LaunchTemplate: { LaunchTemplateName: name, Version: '1' },
    VPCZoneIdentifier: IDS.subnets.join(','),
    Tags: Object.entries(tags).map(([Key, Value]) => ({
      Key,
      Value,
      ResourceId: name,
      ResourceType: 'auto-scaling-group',
      PropagateAtLaunch: true,
    })),
  };
}
