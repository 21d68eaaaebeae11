import type * as Ec2 from '@aws-sdk/client-ec2';
import type { ImageWish } from '../launch-on-aws.js';
import { AMI_ARCHITECTURES } from '../newest-base.js';
import { IMAGE_TAG, MANAGED_BY } from '../tags.js';
import type { AwsSettings } from '../types.js';
import type { Finding } from './finding.js';

interface ImageFacts {
  wish: ImageWish;
  /** What AWS has; `undefined`: it has none. */
  image: Ec2.Image | undefined;
  types: readonly Ec2.InstanceTypeInfo[];
  settings: AwsSettings;
}

/** What speaks against launching this image on these types. */
export function checkImage(facts: ImageFacts): Finding[] {
  const { image, settings } = facts;
  const unknown = unknownTypes(facts);
  if (image === undefined) return [...unknown, { text: noImage(facts.wish, settings.region) }];
  return [
    ...unknown,
    ...checkState(image),
    ...checkArch(facts, image),
    ...checkDisk(image, settings),
    ...checkTags(facts.wish, image),
  ];
}

/** The tag that says which plan an AMI was baked from. */
export function imageIdOf({ Tags = [] }: Pick<Ec2.Image, 'Tags'>): string | undefined {
  return Tags.find(({ Key }) => Key === IMAGE_TAG)?.Value;
}

function noImage({ ami }: ImageWish, region: string): string {
  return ami === undefined
    ? `there is no AMI of this account in ${region} that kiln baked: bake one with \`bake image --target aws\`, or name one with --image`
    : `there is no AMI ${ami} in ${region}, or it is not shared with this account`;
}

function unknownTypes({ settings, types }: ImageFacts): Finding[] {
  const known = types.map(({ InstanceType }) => String(InstanceType));
  return settings.instanceTypes
    .filter((type) => !known.includes(type))
    .map((type) => ({ text: `there is no instance type ${type} in ${settings.region}` }));
}

function checkState({ ImageId, State }: Ec2.Image): Finding[] {
  return State === 'available' ? [] : [{ text: `${ImageId} is ${State ?? 'in no state'}, not available` }];
}

function checkArch({ wish, types }: ImageFacts, { ImageId, Architecture }: Ec2.Image): Finding[] {
  const expected = wish.arch === undefined ? Architecture : AMI_ARCHITECTURES[wish.arch];
  const other = types.filter(({ ProcessorInfo }) => {
    const supported: readonly (string | undefined)[] = ProcessorInfo?.SupportedArchitectures ?? [];
    return !supported.includes(Architecture);
  });
  return [
    ...(expected === Architecture
      ? []
      : [{ text: `${ImageId} is for ${Architecture}; its folder says ${expected}` }]),
    ...other.map(({ InstanceType }) => ({
      text: `${ImageId} is for ${Architecture}, which ${InstanceType} is not: choose another --instance-type`,
    })),
  ];
}

function checkDisk(
  { ImageId, RootDeviceName, BlockDeviceMappings = [] }: Ec2.Image,
  { volumeSizeGiB }: AwsSettings,
): Finding[] {
  const root = BlockDeviceMappings.find(({ DeviceName }) => DeviceName === RootDeviceName);
  const least = root?.Ebs?.VolumeSize ?? 0;
  if (least <= volumeSizeGiB) return [];
  return [
    { text: `${ImageId} needs a disk of ${least} GiB, more than the ${volumeSizeGiB} of --volume-size` },
  ];
}

function checkTags({ imageId }: ImageWish, image: Ec2.Image): Finding[] {
  const { ImageId, Tags = [] } = image;
  const baked = Tags.some(({ Key, Value }) => Key === MANAGED_BY.key && Value === MANAGED_BY.value);
  const tagged = imageIdOf(image);
  if (!baked || tagged === undefined) {
    return [
      {
        forcible: true,
        text: `${ImageId} has not the tags of an image kiln baked (${MANAGED_BY.key}, ${IMAGE_TAG})`,
      },
    ];
  }
  if (imageId === undefined || tagged === imageId) return [];
  return [{ forcible: true, text: `${ImageId} was baked from ${tagged}; its folder says ${imageId}` }];
}
