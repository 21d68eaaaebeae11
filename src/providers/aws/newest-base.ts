import type { Image } from '@aws-sdk/client-ec2';
import type { OperatingSystem } from '../../catalog/os.js';
import { KilnError } from '../../errors.js';
import type { AmiBase, Arch } from '../../plan/types.js';
import { type AwsApi, AwsError } from './api.js';
import { readPages } from './read-pages.js';

/** Architectures as EC2 spells them. */
export const AMI_ARCHITECTURES = { amd64: 'x86_64', arm64: 'arm64' } as const;

/** A base AMI that is there, available and of the right account. */
export interface BaseAmi {
  base: AmiBase;
  /** What its root disk is called: differs between distributions. */
  rootDeviceName: string;
  /** Size of its root disk; 0 where AWS does not say. */
  rootGibibytes: number;
}

interface Question {
  api: AwsApi;
  os: OperatingSystem;
  arch: Arch;
}

/**
 * The newest AMI the distribution's own account publishes for this OS in the region of `api`; `undefined` in a dry run.
 * Names can be copied by anyone, so only what AWS says belongs to that account counts.
 *
 * @throws KilnError PAIR_REFUSED when the OS has no AMI for the architecture, BASE_UNREACHABLE when none is found; AwsError
 */
export async function findNewestBase({ api, os, arch }: Question): Promise<BaseAmi | undefined> {
  const { owner, nameFilter, includeDeprecated } = os.ami;
  const name = nameFilter[arch];
  if (name === undefined) throw noAmi(os, arch);
  if (api.dryRun) return undefined;
  const images = await readPages(
    api,
    'ec2:DescribeImages',
    {
      Owners: [owner],
      IncludeDeprecated: includeDeprecated,
      Filters: [
        { Name: 'name', Values: [name] },
        { Name: 'architecture', Values: [AMI_ARCHITECTURES[arch]] },
        { Name: 'root-device-type', Values: ['ebs'] },
        { Name: 'virtualization-type', Values: ['hvm'] },
        { Name: 'state', Values: ['available'] },
      ],
    },
    ({ Images }) => Images,
  );
  const newest = images
    .filter(({ OwnerId, State }) => OwnerId === owner && State === 'available')
    .filter((image) => includeDeprecated || !isDeprecated(image))
    .sort(byAge)
    .at(-1);
  if (newest !== undefined) return describe(newest, api.region);
  throw new KilnError(
    'BASE_UNREACHABLE',
    `Account ${owner} has no AMI named ${name} for ${arch} in ${api.region}`,
    {
      hint: 'The distribution may not publish in this region: choose another --region, or name an AMI with --base ami-….',
    },
  );
}

/**
 * Exactly this AMI; `undefined` in a dry run.
 *
 * @param owner the account it must belong to; `undefined`: any (what a person took upon themselves with --force)
 * @throws KilnError BASE_UNREACHABLE when it is gone or cannot be used; USAGE when it is another account's; AwsError
 */
export async function checkBase({
  api,
  os,
  arch,
  id,
  owner,
}: Question & { id: string; owner: string | undefined }): Promise<BaseAmi | undefined> {
  if (os.ami.nameFilter[arch] === undefined && owner !== undefined) throw noAmi(os, arch);
  const image = await describeOne(api, id);
  if (api.dryRun) return undefined;
  if (image?.ImageId !== id) throw unusable(id, `it is not in ${api.region}, or this account may not use it`);
  if (image.State !== 'available') throw unusable(id, `it is ${image.State ?? 'in an unknown state'}`);
  if (image.Architecture !== AMI_ARCHITECTURES[arch])
    throw unusable(id, `it is for ${image.Architecture}, not ${AMI_ARCHITECTURES[arch]}`);
  if (image.RootDeviceType !== undefined && image.RootDeviceType !== 'ebs')
    throw unusable(id, `its root disk is ${image.RootDeviceType}, not EBS`);
  if (owner === undefined || image.OwnerId === owner) return describe(image, api.region);
  throw new KilnError(
    'USAGE',
    `${id} (${image.Name}) belongs to account ${image.OwnerId}, not to ${owner}, which publishes ${os.title}`,
    {
      hint: 'Anyone can give an AMI a distribution’s name. If you trust that account, add --force.',
    },
  );
}

async function describeOne(api: AwsApi, id: string): Promise<Image | undefined> {
  try {
    const found = await api.read('ec2:DescribeImages', { ImageIds: [id] });
    return found?.Images?.[0];
  } catch (error) {
    if (error instanceof AwsError && error.awsCode.startsWith('InvalidAMIID')) return undefined;
    throw error;
  }
}

function describe(image: Image, region: string): BaseAmi {
  const { ImageId = '', OwnerId = '', Name = '', RootDeviceName, BlockDeviceMappings = [] } = image;
  if (RootDeviceName === undefined) throw unusable(ImageId, 'AWS does not say what its root disk is called');
  const root = BlockDeviceMappings.find(({ DeviceName }) => DeviceName === RootDeviceName);
  return {
    base: {
      kind: 'ami',
      owner: OwnerId,
      name: Name,
      region,
      id: ImageId,
      source: `ec2:DescribeImages of account ${OwnerId}`,
    },
    rootDeviceName: RootDeviceName,
    rootGibibytes: root?.Ebs?.VolumeSize ?? 0,
  };
}

/** AWS gives ISO 8601 in UTC, all of one length; equal ones are told apart by id, so that the choice is the same every time. */
function byAge(left: Image, right: Image): number {
  const [a, b] = [left, right].map(({ CreationDate = '', ImageId = '' }) => `${CreationDate} ${ImageId}`) as [
    string,
    string,
  ];
  return a < b ? -1 : Number(a > b);
}

function isDeprecated({ DeprecationTime }: Image): boolean {
  return DeprecationTime !== undefined && Date.parse(DeprecationTime) <= Date.now();
}

function noAmi({ title, ami }: OperatingSystem, arch: Arch): KilnError {
  return new KilnError('PAIR_REFUSED', `There is no AMI of ${title} for ${arch}`, {
    hint: `There is one for ${Object.keys(ami.nameFilter).join(', ')}: choose --arch.`,
  });
}

function unusable(id: string, reason: string): KilnError {
  return new KilnError('BASE_UNREACHABLE', `The base AMI ${id} cannot be used: ${reason}`, {
    hint: 'Take its entry out of the lock (or --base) to start from the newest one; `bake update` renews the lock.',
  });
}
