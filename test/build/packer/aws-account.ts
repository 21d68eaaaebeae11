import {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  type Image,
} from '@aws-sdk/client-ec2';
import { loadOs } from '../../../src/catalog/load-catalog.js';
import { clientConfig } from '../../helpers/aws-environment.js';
import { MOTO_IMAGE, type Moto, type MotoImage } from '../../helpers/moto.js';

/** Base AMIs as their distributions publish them, and what must not be taken for one. */
export function baseImages(os: string, name: string): Record<'old' | 'newest' | 'impostor', MotoImage> {
  const { owner } = loadOs(os).ami;
  return {
    old: {
      ...MOTO_IMAGE,
      ami_id: 'ami-0000000000000001a',
      name: name.replace('*', '20260101'),
      owner_id: owner,
      creation_date: '2026-01-01T00:00:00.000Z',
    },
    newest: {
      ...MOTO_IMAGE,
      ami_id: 'ami-0000000000000002b',
      name: name.replace('*', '20261101'),
      owner_id: owner,
      creation_date: '2026-11-01T00:00:00.000Z',
    },
    // Newer, of the same name, but anybody's.
    impostor: {
      ...MOTO_IMAGE,
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
  const client = new EC2Client(clientConfig(moto));
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
  const { Images = [] } = await new EC2Client(clientConfig(moto)).send(
    new DescribeImagesCommand({ Owners: ['self'] }),
  );
  return Images;
}
