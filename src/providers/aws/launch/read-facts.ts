import type * as Ec2 from '@aws-sdk/client-ec2';
import type { NodesRequest } from '../../../launch/parse-request.js';
import { type AwsApi, AwsError } from '../api.js';
import { describeCluster } from '../describe-cluster.js';
import type { ImageWish } from '../launch-on-aws.js';
import { readPages } from '../read-pages.js';
import type { AwsCluster, AwsSettings } from '../types.js';
import { chooseImage, imagesOf, readGroupImage, readImages } from './choose-image.js';
import { groupOf } from './launch-group.js';

/** What AWS says of everything a launch is about, before anything is changed. */
export interface LaunchFacts {
  cluster: AwsCluster;
  /** Of the AMI new nodes boot; `undefined`: there is none, or this is a dry run. */
  image: Ec2.Image | undefined;
  /** AMI the role's group launches so far; `undefined`: there is no group, or it does not say. */
  groupImage: string | undefined;
  types: Ec2.InstanceTypeInfo[];
  subnets: Ec2.Subnet[];
  groups: Ec2.SecurityGroup[];
  /** Whether the instance profile asked for is there; `true` when none was. */
  profile: boolean;
}

/** Asks AWS, all at once; a dry run asks nothing and knows nothing. @throws AwsError */
export async function readFacts({
  api,
  request: { cluster, roles },
  settings,
  wish,
}: {
  api: AwsApi;
  request: Pick<NodesRequest, 'cluster' | 'roles'>;
  settings: AwsSettings;
  wish: ImageWish;
}): Promise<LaunchFacts> {
  const describing = describeCluster(api, cluster);
  // Of no interest where another one is asked for.
  const readingGroup = describing.then((each) =>
    wish.ami === undefined ? readGroupImage(api, groupOf(each, roles)) : undefined,
  );
  async function readOwn(): Promise<string[]> {
    const [each, groupImage] = await Promise.all([describing, readingGroup]);
    return [...imagesOf(each), ...(groupImage === undefined ? [] : [groupImage])];
  }
  const [described, types, subnets, groups, profile, images, groupImage] = await Promise.all([
    describing,
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
    readImages(api, wish, readOwn),
    readingGroup,
  ]);
  const image = chooseImage(images, types);
  return { cluster: described, types, subnets, groups, profile, image, groupImage };
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
