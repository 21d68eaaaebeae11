import type * as Ec2 from '@aws-sdk/client-ec2';
import { type AwsApi, AwsError } from '../api.js';
import type { ImageWish } from '../launch-on-aws.js';
import { AMI_ARCHITECTURES } from '../newest-base.js';
import { readPages } from '../read-pages.js';
import { MANAGED_BY } from '../tags.js';
import type { AwsCluster, AwsGroup } from '../types.js';
import { isGone } from './dead-node.js';

/** AMIs that come into question, before it is known for which processor. */
export interface ImageChoice {
  /** The one asked for; without such, those of this account that kiln baked. */
  offered: Ec2.Image[];
  /** Ids of those that nodes of the cluster run and the role's group launches, and what AWS still has of them. */
  own: { ids: string[]; images: Ec2.Image[] };
}

/**
 * Asks AWS for them; a dry run finds none.
 *
 * @param ownIds of the cluster's own; called only where nobody asks for another.
 * @throws AwsError
 */
export async function readImages(
  api: AwsApi,
  wish: ImageWish,
  ownIds: () => Promise<readonly string[]>,
): Promise<ImageChoice> {
  if (wish.ami !== undefined)
    return { offered: await readImage(api, wish.ami), own: { ids: [], images: [] } };
  const [offered, ids] = await Promise.all([readBaked(api, wish), ownIds()]);
  return { offered, own: await readOwn(api, [...new Set(ids)]) };
}

/** The AMI a group launches; `undefined` where its template does not say, or is gone. @throws AwsError */
export async function readGroupImage(
  api: AwsApi,
  group: Pick<AwsGroup, 'template'> | undefined,
): Promise<string | undefined> {
  if (group?.template === undefined) return undefined;
  const { id, version } = group.template;
  try {
    const input = { LaunchTemplateId: id, Versions: [version] };
    const answer = await api.read('ec2:DescribeLaunchTemplateVersions', input);
    return answer?.LaunchTemplateVersions?.[0]?.LaunchTemplateData?.ImageId;
  } catch (error) {
    if (error instanceof AwsError && error.awsCode.startsWith('InvalidLaunchTemplate')) return undefined;
    throw error;
  }
}

/**
 * The AMI new nodes boot: the one asked for, else the one the cluster's nodes run, whatever their roles, else the newest
 * kiln baked; of several the one for the types asked for. A later bake is to change no cluster that is there.
 */
export function chooseImage(
  { offered, own }: ImageChoice,
  types: readonly Ec2.InstanceTypeInfo[],
): Ec2.Image | undefined {
  const supported = new Set<string>(
    types.flatMap(({ ProcessorInfo }) => ProcessorInfo?.SupportedArchitectures ?? []),
  );
  const fits = ({ Architecture }: Ec2.Image): boolean => supported.has(Architecture ?? '');
  const [only, ...others] = own.images.filter(fits);
  // What AWS has no more of may have been of any kind.
  if (only !== undefined && others.length === 0 && own.images.length === own.ids.length) return only;
  const newestFirst = offered.toSorted((left, right) => age(right) - age(left));
  return newestFirst.find(fits) ?? newestFirst[0];
}

/** AMIs of the nodes that are there, each once. */
export function imagesOf({ instances }: Pick<AwsCluster, 'instances'>): string[] {
  return [
    ...new Set(
      instances.filter((each) => !isGone(each) && each.imageId !== '').map(({ imageId }) => imageId),
    ),
  ].sort();
}

async function readOwn(api: AwsApi, ids: string[]): Promise<ImageChoice['own']> {
  if (ids.length === 0) return { ids, images: [] };
  // By filter, not by id: of those that are gone nothing is said, and nothing refused.
  const Filters = [{ Name: 'image-id', Values: ids }];
  const input = { Filters, IncludeDeprecated: true };
  return { ids, images: await readPages(api, 'ec2:DescribeImages', input, (page) => page.Images) };
}

async function readBaked(api: AwsApi, { arch }: ImageWish): Promise<Ec2.Image[]> {
  const Filters = [
    { Name: `tag:${MANAGED_BY.key}`, Values: [MANAGED_BY.value] },
    { Name: 'state', Values: ['available'] },
    ...(arch === undefined ? [] : [{ Name: 'architecture', Values: [AMI_ARCHITECTURES[arch]] }]),
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

function age({ CreationDate = '' }: Ec2.Image): number {
  return Date.parse(CreationDate) || 0;
}
