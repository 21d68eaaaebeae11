import * as ec2 from '@aws-sdk/client-ec2';
import * as iam from '@aws-sdk/client-iam';
import type { ExecutionContext } from 'ava';
import type { ImageWish } from '../../../src/providers/aws/launch-on-aws.js';
import type { AwsSettings } from '../../../src/providers/aws/types.js';
import { type ClientConfig, clientConfig } from '../../helpers/aws-environment.js';
import { MOTO_IMAGE, type Moto, startMoto } from '../../helpers/moto.js';

/** An image as kiln bakes them, in the account of the caller. */
const IMAGE = {
  ...MOTO_IMAGE,
  ami_id: 'ami-0123456789abcdef0',
  name: 'kiln-debian12-1.20.2',
  owner_id: '123456789012',
  creation_date: '2026-11-20T00:00:00.000Z',
} as const;

/** A base as its distribution publishes it. */
const BASE = {
  ...IMAGE,
  ami_id: 'ami-0000000000000002b',
  name: 'debian-12-amd64-20261101',
  owner_id: '136693071363',
} as const;

export interface MotoAccount {
  moto: Moto;
  client: ec2.EC2Client;
  /** For clients of other services. */
  config: ClientConfig;
  /** The flags every launch of the test has. */
  flags: string[];
  subnets: string[];
  /** The same for who calls kiln's functions. */
  settings: Pick<AwsSettings, 'subnets' | 'securityGroups' | 'instanceProfile'>;
  image: ImageWish;
  /** All instances there are, whatever their state and tags. */
  instances(): Promise<ec2.Instance[]>;
}

/** moto with what a launch needs: an image with kiln's tags, the default network's subnets, a security group, a profile. */
export async function startMotoAccount(t: ExecutionContext): Promise<MotoAccount> {
  const moto = await startMoto(t, { images: [IMAGE, BASE] });
  const config = clientConfig(moto);
  const client = new ec2.EC2Client(config);
  await client.send(
    new ec2.CreateTagsCommand({
      Resources: [IMAGE.ami_id],
      Tags: [
        { Key: 'managed-by', Value: 'kiln' },
        { Key: 'kiln:image-id', Value: `sha256:${'ab'.repeat(32)}` },
      ],
    }),
  );
  const { Subnets = [] } = await client.send(new ec2.DescribeSubnetsCommand({}));
  const subnets = Subnets.slice(0, 3).map(({ SubnetId = '' }) => SubnetId);
  const { GroupId = '' } = await client.send(
    new ec2.CreateSecurityGroupCommand({
      GroupName: 'nodes',
      Description: 'nodes',
      VpcId: Subnets[0]?.VpcId,
    }),
  );
  await makeProfile(new iam.IAMClient(config));
  return {
    moto,
    client,
    config,
    subnets,
    settings: { subnets, securityGroups: [GroupId], instanceProfile: PROFILE },
    image: { ami: IMAGE.ami_id, arch: undefined, imageId: undefined },
    flags: [
      ...[
        '--provider',
        'aws',
        '--image',
        IMAGE.ami_id,
        '--region',
        config.region,
        '--instance-profile',
        PROFILE,
      ],
      ...['--subnet', ...subnets, '--security-group', GroupId, '--cluster', 'demo'],
    ],
    async instances() {
      const pages = ec2.paginateDescribeInstances({ client }, {});
      const found: ec2.Instance[] = [];
      for await (const { Reservations = [] } of pages)
        found.push(...Reservations.flatMap(({ Instances = [] }) => Instances));
      return found;
    },
  };
}

const PROFILE = 'kiln-nodes';

async function makeProfile(client: iam.IAMClient): Promise<void> {
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  const AssumeRolePolicyDocument = JSON.stringify(trust);
  await client.send(new iam.CreateRoleCommand({ RoleName: PROFILE, AssumeRolePolicyDocument }));
  await client.send(new iam.CreateInstanceProfileCommand({ InstanceProfileName: PROFILE }));
  const both = { InstanceProfileName: PROFILE, RoleName: PROFILE };
  await client.send(new iam.AddRoleToInstanceProfileCommand(both));
}
