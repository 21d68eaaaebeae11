import * as autoScaling from '@aws-sdk/client-auto-scaling';
import * as ec2 from '@aws-sdk/client-ec2';
import * as iam from '@aws-sdk/client-iam';
import type { ExecutionContext } from 'ava';
import { clientConfig } from '../../../helpers/aws-environment.js';
import { furnish, IDS } from './furnish.js';
import { startFakeAws } from './start-fake-aws.js';

export const [SUBNET, OTHER] = IDS.subnets;
export const TAGS = [{ Key: 'KubernetesCluster', Value: 'demo' }];
export const RUN = {
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

/** A furnished fake and the SDK's clients of it, which ask once and no more. */
export async function start(t: ExecutionContext) {
  const fake = await startFakeAws(t);
  furnish(fake.account);
  const config = {
    ...clientConfig(fake),
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
