import {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  type Image,
} from '@aws-sdk/client-ec2';
import { loadOs } from '../../../src/catalog/load-catalog.js';
import type { Moto, MotoImage } from '../../helpers/moto.js';

/** Base AMIs as their distributions publish them, and what must not be taken for one. */
export function baseImages(os: string, name: string): Record<'old' | 'newest' | 'impostor', MotoImage> {
  const { owner } = loadOs(os).ami;
  const image = {
    architecture: 'x86_64',
    root_device_name: '/dev/xvda',
    root_device_type: 'ebs',
    virtualization_type: 'hvm',
    public: true,
  } as const;
  return {
    old: {
      ...image,
      ami_id: 'ami-0000000000000001a',
      name: name.replace('*', '20260101'),
      owner_id: owner,
      creation_date: '2026-01-01T00:00:00.000Z',
    },
    newest: {
      ...image,
      ami_id: 'ami-0000000000000002b',
      name: name.replace('*', '20261101'),
      owner_id: owner,
      creation_date: '2026-11-01T00:00:00.000Z',
    },
    // Newer, of the same name, but anybody's.
    impostor: {
      ...image,
      ami_id: 'ami-0000000000000003c',
      name: name.replace('*', '20261120'),
      owner_id: '999999999999',
      creation_date: '2026-11-20T00:00:00.000Z',
    },
  };
}

/** What is in the account behind moto, asked of it by the SDK alone. */
export interface Leftovers {
  /** Not terminated. */
  instances: string[];
  /** But for the default one. */
  securityGroups: string[];
  keyPairs: string[];
}

export async function leftovers(moto: Moto): Promise<Leftovers> {
  const client = clientOf(moto);
  const { Reservations = [] } = await client.send(new DescribeInstancesCommand({}));
  const { SecurityGroups = [] } = await client.send(new DescribeSecurityGroupsCommand({}));
  const { KeyPairs = [] } = await client.send(new DescribeKeyPairsCommand({}));
  return {
    instances: Reservations.flatMap(({ Instances = [] }) => Instances)
      .filter(({ State }) => State?.Name !== 'terminated')
      .map(({ InstanceId = '' }) => InstanceId),
    securityGroups: SecurityGroups.map(({ GroupName = '' }) => GroupName).filter(
      (name) => name !== 'default',
    ),
    keyPairs: KeyPairs.map(({ KeyName = '' }) => KeyName),
  };
}

export async function ownImages(moto: Moto): Promise<Image[]> {
  const { Images = [] } = await clientOf(moto).send(new DescribeImagesCommand({ Owners: ['self'] }));
  return Images;
}

function clientOf({ url, env }: Moto): EC2Client {
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_REGION = '' } = env;
  return new EC2Client({
    endpoint: url,
    region: AWS_REGION,
    credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
  });
}
