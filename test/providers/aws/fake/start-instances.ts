import { type Account, freeAddresses, type Instance, newId, type Subnet } from './account.js';
import type { LaunchData, Tags } from './launch-data.js';
import { Refusal } from './refusal.js';

/** Instance types there are. vCPUs are not modelled; the processor is. */
export const ARCHITECTURES: Record<string, 'x86_64' | 'arm64'> = {
  't3.small': 'x86_64',
  't3.medium': 'x86_64',
  't3.large': 'x86_64',
  't3a.medium': 'x86_64',
  't3a.large': 'x86_64',
  'm5.large': 'x86_64',
  'm6i.large': 'x86_64',
  'm7i.large': 'x86_64',
  'c6i.large': 'x86_64',
  't4g.small': 'arm64',
  't4g.medium': 'arm64',
  't4g.large': 'arm64',
  'm6g.large': 'arm64',
  'm7g.large': 'arm64',
};

export interface Launch {
  data: LaunchData;
  subnet: string | undefined;
  min: number;
  max: number;
  token?: string | undefined;
  template?: { id: string; version: number } | undefined;
  group?: string | undefined;
  groupTags?: Tags;
}

/** Launches as many instances as fit from `min` to `max`, each with its interface and its disks, or none. @throws Refusal */
export function startInstances(account: Account, launch: Launch): Instance[] {
  const { image, type, subnet, securityGroups, root } = checkLaunch(account, launch);
  const count = countThatFits(account, launch, type, subnet);
  const key = `${subnet.id} ${type}`;
  const room = account.capacity.get(key);
  if (room !== undefined) account.capacity.set(key, room - count);
  const reservation = newId('r');
  return Array.from({ length: count }, () => {
    const instance: Instance = {
      id: newId('i'),
      reservation,
      data: launch.data,
      image: image.id,
      type,
      subnet: subnet.id,
      address: `10.0.${account.instances.size >> 8}.${account.instances.size & 255}`,
      tags: { ...launch.data.tags?.instance, ...launch.groupTags, ...ownTags(launch) },
      template: launch.template,
      token: launch.token,
      group: launch.group,
      launched: new Date().toISOString(),
      born: account.describes,
      ended: undefined,
    };
    account.instances.set(instance.id, instance);
    addInterface(account, instance, securityGroups);
    for (const disk of root) addVolume(account, instance, disk);
    return instance;
  });
}

/** Everything EC2 checks before it looks for room. @throws Refusal */
export function checkLaunch(account: Account, { data, subnet: subnetId, min, max }: Launch) {
  if (min > max)
    throw new Refusal('InvalidParameterValue', 'The minimum number of instances may not exceed the maximum');
  const image = account.images.get(data.imageId ?? '');
  if (data.imageId === undefined)
    throw new Refusal('MissingParameter', 'The request must contain the parameter ImageId');
  if (image === undefined)
    throw new Refusal('InvalidAMIID.NotFound', `The image id '[${data.imageId}]' does not exist`);
  if (image.state !== 'available')
    throw new Refusal('InvalidAMIID.Unavailable', `The image ID '${image.id}' is not available`);
  const type = checkType(data.instanceType, image.architecture);
  checkMetadataTags(account, data);
  const [nic, ...more] = data.interfaces ?? [];
  if (more.length > 0)
    throw new Refusal('InvalidParameterCombination', 'One interface is all this fake knows');
  if (nic !== undefined && subnetId !== undefined && nic.subnet !== undefined)
    throw new Refusal('InvalidParameterCombination', 'A subnet may be given once only');
  const subnet = account.subnets.get(subnetId ?? nic?.subnet ?? '');
  if (subnet === undefined) {
    const id = subnetId ?? nic?.subnet;
    if (id === undefined)
      throw new Refusal('MissingInput', 'No subnets found for the default VPC. Please specify a subnet.');
    throw new Refusal('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`);
  }
  const securityGroups = nic?.securityGroups ?? data.securityGroups ?? [];
  for (const id of securityGroups) checkSecurityGroup(account, id, subnet);
  checkProfile(account, data.profile);
  return { image, type, subnet, securityGroups, root: disksOf(data, image) };
}

/** Source: what EC2 answers where tags are readable from metadata, which knows them by paths. */
function checkMetadataTags(account: Account, { metadata, tags }: LaunchData): void {
  if ((metadata?.tags ?? account.metadataTags) === 'disabled') return;
  const bad = Object.keys(tags?.instance ?? {}).find((key) => !/^[0-9a-zA-Z\-_+=,.@:]{1,255}$/.test(key));
  if (bad === undefined) return;
  throw new Refusal(
    'InvalidParameterValue',
    `'${bad}' is not a valid tag key. Tag keys must match pattern ([0-9a-zA-Z\\-_+=,.@:]{1,255}), and must not be a reserved name ('.', '..', '_index')`,
  );
}

function checkType(type: string | undefined, architecture: string): string {
  if (type === undefined) return 'm1.small';
  const itsOwn = ARCHITECTURES[type];
  if (itsOwn === undefined)
    throw new Refusal('InvalidParameterValue', `Invalid value '${type}' for InstanceType.`);
  if (itsOwn === architecture) return type;
  throw new Refusal(
    'InvalidParameterValue',
    `The architecture '${itsOwn}' of the specified instance type does not match the architecture '${architecture}' of the specified AMI.`,
  );
}

function checkSecurityGroup(account: Account, id: string, subnet: Subnet): void {
  const group = account.securityGroups.get(id);
  if (group === undefined)
    throw new Refusal('InvalidGroup.NotFound', `The security group '${id}' does not exist`);
  if (group.vpc !== subnet.vpc)
    throw new Refusal(
      'InvalidParameter',
      `Security group ${id} and subnet ${subnet.id} belong to different networks.`,
    );
}

function checkProfile(account: Account, name: string | undefined): void {
  if (name === undefined) return;
  const profile = account.profiles.get(name);
  if (profile !== undefined && profile.unknownToEc2 === 0) return;
  if (profile !== undefined) profile.unknownToEc2 -= 1;
  throw new Refusal(
    'InvalidParameterValue',
    `Value (${name}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name`,
  );
}

/** The image's own disk, changed by a mapping of the same device name, and whatever other mapping there is. */
function disksOf(data: LaunchData, image: { rootDevice: string; sizeGiB: number }) {
  const mappings = data.blockDevices ?? [];
  const own = mappings.find(({ device }) => device === image.rootDevice);
  for (const { sizeGiB, device } of mappings) {
    if (device !== image.rootDevice && sizeGiB === undefined)
      throw new Refusal('MissingParameter', 'The request must contain the parameter size or snapshotId');
    if (device === image.rootDevice && sizeGiB !== undefined && sizeGiB < image.sizeGiB)
      throw new Refusal(
        'InvalidBlockDeviceMapping',
        `Volume of size ${sizeGiB}GB is smaller than snapshot, expect size>= ${image.sizeGiB}GB`,
      );
  }
  const root = own ?? { device: image.rootDevice, encrypted: false, deleteOnTermination: true };
  return [root, ...mappings.filter((each) => each !== own)].map((disk) => ({
    device: disk.device,
    sizeGiB: disk.sizeGiB ?? image.sizeGiB,
    type: disk.type ?? 'gp2',
    encrypted: disk.encrypted,
    kmsKeyId: disk.kmsKeyId,
    deleteOnTermination: disk.deleteOnTermination ?? false,
  }));
}

function countThatFits(account: Account, { min, max }: Launch, type: string, subnet: Subnet): number {
  const running = [...account.instances.values()].filter(({ ended }) => ended === undefined).length;
  if (running + min > account.instanceLimit)
    throw new Refusal(
      'InstanceLimitExceeded',
      `Your quota allows for ${account.instanceLimit - running} more running instance(s). You requested at least ${min}.`,
    );
  const addresses = freeAddresses(account, subnet);
  if (addresses < min)
    throw new Refusal(
      'InsufficientFreeAddressesInSubnet',
      `There are not enough free addresses in subnet '${subnet.id}' to satisfy the requested number of instances.`,
    );
  const room = account.capacity.get(`${subnet.id} ${type}`) ?? Number.POSITIVE_INFINITY;
  if (room < min)
    throw new Refusal(
      'InsufficientInstanceCapacity',
      `We currently do not have sufficient ${type} capacity in the Availability Zone you requested (${subnet.zone}).`,
      500,
    );
  return Math.min(max, room, addresses, account.instanceLimit - running);
}

/** What AWS itself writes on instances that come from a template or a group. */
function ownTags({ template, group }: Launch): Tags {
  return {
    ...(template === undefined
      ? {}
      : {
          'aws:ec2launchtemplate:id': template.id,
          'aws:ec2launchtemplate:version': String(template.version),
        }),
    ...(group === undefined ? {} : { 'aws:autoscaling:groupName': group }),
  };
}

function addInterface(account: Account, instance: Instance, securityGroups: string[]): void {
  const spec = instance.data.interfaces?.[0];
  const id = newId('eni');
  account.interfaces.set(id, {
    id,
    instance: instance.id,
    subnet: instance.subnet,
    securityGroups,
    deleteOnTermination: spec?.deleteOnTermination ?? true,
    tags: { ...instance.data.tags?.['network-interface'] },
  });
}

function addVolume(account: Account, instance: Instance, disk: ReturnType<typeof disksOf>[number]): void {
  const id = newId('vol');
  account.volumes.set(id, { id, instance: instance.id, ...disk, tags: { ...instance.data.tags?.volume } });
}
