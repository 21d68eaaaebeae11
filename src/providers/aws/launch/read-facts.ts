import type * as Ec2 from '@aws-sdk/client-ec2';
import { type AwsApi, AwsError } from '../api.js';
import { describeCluster } from '../describe-cluster.js';
import type { ImageWish } from '../launch-on-aws.js';
import { readPages } from '../read-pages.js';
import { MANAGED_BY } from '../tags.js';
import type { AwsCluster, AwsSettings } from '../types.js';
import { ARCHITECTURES } from './check-image.js';

/** What AWS says of everything a launch is about, before anything is changed. */
export interface LaunchFacts {
  cluster: AwsCluster;
  /** Of the AMI asked for, or the newest that fits; `undefined`: there is none, or this is a dry run. */
  image: Ec2.Image | undefined;
  types: Ec2.InstanceTypeInfo[];
  subnets: Ec2.Subnet[];
  groups: Ec2.SecurityGroup[];
  /** Whether the instance profile asked for is there; `true` when none was. */
  profile: boolean;
}

/** Asks AWS, all at once; a dry run asks nothing and knows nothing. @throws AwsError */
export async function readFacts({
  api,
  cluster,
  settings,
  wish,
}: {
  api: AwsApi;
  cluster: string;
  settings: AwsSettings;
  wish: ImageWish;
}): Promise<LaunchFacts> {
  const [described, types, subnets, groups, profile, images] = await Promise.all([
    describeCluster(api, cluster),
    readPages(
      api,
      'ec2:DescribeInstanceTypes',
      { Filters: [{ Name: 'instance-type', Values: settings.instanceTypes }] },
      (page) => page.InstanceTypes,
    ),
    readPages(
      api,
      'ec2:DescribeSubnets',
      { Filters: [{ Name: 'subnet-id', Values: settings.subnets }] },
      (page) => page.Subnets,
    ),
    readPages(
      api,
      'ec2:DescribeSecurityGroups',
      { Filters: [{ Name: 'group-id', Values: settings.securityGroups }] },
      (page) => page.SecurityGroups,
    ),
    hasProfile(api, settings.instanceProfile),
    readImages(api, wish),
  ]);
  return { cluster: described, types, subnets, groups, profile, image: newestFor(images, types) };
}

async function hasProfile(api: AwsApi, name: string | undefined): Promise<boolean> {
  if (name === undefined) return true;
  try {
    await api.read('iam:GetInstanceProfile', { InstanceProfileName: name });
    return true;
  } catch (error) {
    if (error instanceof AwsError && error.awsCode.startsWith('NoSuchEntity')) return false;
    throw error;
  }
}

async function readImages(api: AwsApi, { ami, arch }: ImageWish): Promise<Ec2.Image[]> {
  if (ami !== undefined) return await readImage(api, ami);
  const Filters = [
    { Name: `tag:${MANAGED_BY.key}`, Values: [MANAGED_BY.value] },
    { Name: 'state', Values: ['available'] },
    ...(arch === undefined ? [] : [{ Name: 'architecture', Values: [ARCHITECTURES[arch]] }]),
  ];
  return await readPages(api, 'ec2:DescribeImages', { Owners: ['self'], Filters }, (page) => page.Images);
}

async function readImage(api: AwsApi, ami: string): Promise<Ec2.Image[]> {
  try {
    return (await api.read('ec2:DescribeImages', { ImageIds: [ami] }))?.Images ?? [];
  } catch (error) {
    // InvalidAMIID.NotFound, .Malformed, .Unavailable: all of them one finding among the others.
    if (error instanceof AwsError && error.awsCode.startsWith('InvalidAMIID')) return [];
    throw error;
  }
}

/** The newest; of images for several processors, that for the types asked for. */
function newestFor(
  images: readonly Ec2.Image[],
  types: readonly Ec2.InstanceTypeInfo[],
): Ec2.Image | undefined {
  const supported = new Set<string>(
    types.flatMap(({ ProcessorInfo }) => ProcessorInfo?.SupportedArchitectures ?? []),
  );
  const newestFirst = images.toSorted((left, right) => age(right) - age(left));
  return newestFirst.find(({ Architecture = '' }) => supported.has(Architecture)) ?? newestFirst[0];
}

function age({ CreationDate = '' }: Ec2.Image): number {
  return Date.parse(CreationDate) || 0;
}
