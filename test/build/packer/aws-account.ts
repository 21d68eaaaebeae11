import { readFile } from 'node:fs/promises';
import {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  type Image,
} from '@aws-sdk/client-ec2';
import type { ExecutionContext } from 'ava';
import { loadOs } from '../../../src/catalog/load-catalog.js';
import { repositoryPath } from '../../../src/repository.js';
import { clientConfig } from '../../helpers/aws-environment.js';
import { MOTO_IMAGE, type Moto, type MotoImage, type MotoRequest } from '../../helpers/moto.js';

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

export const NO_LEFTOVERS: Leftovers = { instances: [], securityGroups: [], keyPairs: [] };

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

/** The policy for this verb allows all that kiln and Packer asked. */
export async function checkPolicy(t: ExecutionContext, requests: readonly MotoRequest[]): Promise<void> {
  const policy = await readFile(repositoryPath('policies', 'bake-image.json'), 'utf8');
  const { Statement } = JSON.parse(policy) as { Statement: { Action: string | string[] }[] };
  const allowed = new Set(Statement.flatMap(({ Action }) => Action));
  const asked = [...new Set(requests.map(({ action }) => action))].sort();
  t.log(asked.join(' '));
  t.deepEqual(
    asked.filter((action) => !allowed.has(action)),
    [],
  );
}
