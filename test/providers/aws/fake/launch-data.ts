import type { Parameters } from './parameters.js';
import { Refusal } from './refusal.js';

export type Tags = Record<string, string>;

/** What a launch template holds, and a RunInstances call may say itself. */
export interface LaunchData {
  imageId?: string;
  instanceType?: string;
  /** Base64, as sent. */
  userData?: string;
  profile?: string;
  securityGroups?: string[];
  interfaces?: {
    deviceIndex: number;
    subnet?: string;
    securityGroups: string[];
    deleteOnTermination: boolean;
    publicAddress?: boolean;
    description?: string;
  }[];
  blockDevices?: {
    device: string;
    sizeGiB?: number;
    type?: string;
    encrypted: boolean;
    kmsKeyId?: string;
    deleteOnTermination?: boolean;
  }[];
  metadata?: { tokens?: string; hopLimit?: number; endpoint?: string; tags?: string };
  shutdownBehavior?: 'stop' | 'terminate';
  tags?: Partial<Record<string, Tags>>;
}

/** Reads the part that CreateLaunchTemplate (under LaunchTemplateData) and RunInstances have in common. */
export function readLaunchData(p: Parameters): LaunchData {
  const metadata = p.group('MetadataOptions');
  const profile = p.group('IamInstanceProfile');
  return clean({
    imageId: p.text('ImageId'),
    instanceType: p.text('InstanceType'),
    userData: readUserData(p),
    profile: profile?.text('Name') ?? profile?.text('Arn')?.split('/').at(-1),
    securityGroups: orNothing(p.list('SecurityGroupId')),
    interfaces: orNothing(p.groups('NetworkInterface').map(readInterface)),
    blockDevices: orNothing(p.groups('BlockDeviceMapping').map(readBlockDevice)),
    metadata:
      metadata &&
      clean({
        tokens: metadata.choice('HttpTokens', ['optional', 'required']),
        hopLimit: metadata.integer('HttpPutResponseHopLimit', { min: 1, max: 64 }),
        endpoint: metadata.choice('HttpEndpoint', ['enabled', 'disabled']),
        tags: metadata.choice('InstanceMetadataTags', ['enabled', 'disabled']),
      }),
    shutdownBehavior: p.choice('InstanceInitiatedShutdownBehavior', ['stop', 'terminate']),
    tags: readTagSpecifications(p, ['instance', 'volume', 'network-interface']),
  });
}

/** Tags by the type of what they go on. @throws Refusal for a type the call does not make, or tags AWS would not take. */
export function readTagSpecifications(
  p: Parameters,
  types: readonly string[],
): Partial<Record<string, Tags>> | undefined {
  const specifications = p.groups('TagSpecification').map((each) => {
    const type = each.required('ResourceType');
    if (!types.includes(type))
      throw new Refusal(
        'InvalidParameterValue',
        `'${type}' is not a valid taggable resource type for this operation.`,
      );
    return [type, readTags(each)] as const;
  });
  const seen = new Set(specifications.map(([type]) => type));
  if (seen.size < specifications.length)
    throw new Refusal('InvalidParameterValue', 'A resource type may be named only once in TagSpecification');
  return specifications.length === 0 ? undefined : Object.fromEntries(specifications);
}

function readTags(p: Parameters): Tags {
  const pairs = p.groups('Tag').map((each) => [each.required('Key'), each.text('Value') ?? ''] as const);
  checkTags(pairs);
  return Object.fromEntries(pairs);
}

/** @throws Refusal for what AWS does not take as tags: 50 of 128 and 256 characters, none of them its own. */
export function checkTags(pairs: readonly (readonly [string, string])[]): void {
  const keys = new Set(pairs.map(([key]) => key));
  if (keys.size < pairs.length) throw new Refusal('InvalidParameterValue', 'Duplicate tag key');
  if (keys.size > 50) throw new Refusal('TagLimitExceeded', 'The maximum number of tags is 50');
  for (const [key, value] of pairs) {
    if (key.startsWith('aws:'))
      throw new Refusal('InvalidParameterValue', `Tag keys starting with 'aws:' are reserved: ${key}`);
    if (key.length > 128 || value.length > 256)
      throw new Refusal('InvalidParameterValue', `Tag too long: ${key}`);
  }
}

function readUserData(p: Parameters): string | undefined {
  const encoded = p.text('UserData');
  if (encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.toString('base64') !== encoded)
    throw new Refusal('InvalidUserData.Malformed', 'Invalid BASE64 encoding of user data.');
  if (bytes.length > 16_384)
    throw new Refusal('InvalidParameterValue', 'User data is limited to 16384 bytes');
  return encoded;
}

function readInterface(p: Parameters): NonNullable<LaunchData['interfaces']>[number] {
  return clean({
    deviceIndex: p.requiredInteger('DeviceIndex', { min: 0, max: 14 }),
    subnet: p.text('SubnetId'),
    securityGroups: p.list('SecurityGroupId'),
    // Where AWS's own pages leave a default open, this fake takes the worse one: kiln is to say it.
    deleteOnTermination: p.flag('DeleteOnTermination') ?? false,
    publicAddress: p.flag('AssociatePublicIpAddress'),
    description: p.text('Description'),
  });
}

function readBlockDevice(p: Parameters): NonNullable<LaunchData['blockDevices']>[number] {
  const device = p.required('DeviceName');
  const ebs = p.group('Ebs');
  const type = ebs?.choice('VolumeType', ['gp2', 'gp3', 'io1', 'io2', 'st1', 'sc1', 'standard']);
  const encrypted = ebs?.flag('Encrypted') ?? false;
  const kmsKeyId = ebs?.text('KmsKeyId');
  if (kmsKeyId !== undefined && !encrypted)
    throw new Refusal(
      'InvalidParameterDependency',
      'The parameter KmsKeyId requires the parameter Encrypted to be set.',
    );
  return clean({
    device,
    sizeGiB: ebs?.integer('VolumeSize', { min: 1, max: 65_536 }),
    type,
    encrypted,
    kmsKeyId,
    deleteOnTermination: ebs?.flag('DeleteOnTermination'),
  });
}

/** The same without the keys that hold nothing. */
export function clean<T extends object>(record: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

function orNothing<T>(list: T[]): T[] | undefined {
  return list.length === 0 ? undefined : list;
}
