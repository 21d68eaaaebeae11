import {
  type Account,
  freeAddresses,
  type Image,
  isVisible,
  type NetworkInterface,
  type SecurityGroup,
  type Subnet,
  stateOf,
  type Template,
  type Volume,
  visibleTags,
} from './account.js';
import { describeInstance, findInstance } from './instances.js';
import type { Tags } from './launch-data.js';
import { page } from './page.js';
import type { Parameters } from './parameters.js';
import { Refusal } from './refusal.js';
import { ARCHITECTURES } from './start-instances.js';
import { describe, describeVersion, findTemplate, findVersion, tagSet } from './templates.js';
import type { XmlValue } from './xml.js';

/** What a filter of that name looks at. */
type Fields<T> = Record<string, (thing: T) => string | string[] | undefined>;

export function describeInstances(account: Account, p: Parameters): XmlValue {
  account.describes += 1;
  const ids = p.list('InstanceId');
  const matches = readFilters(p, (instance) => visibleTags(account, instance), {
    'instance-state-name': (each) => stateOf(account, each),
    'client-token': (each) => each.token,
    'instance-id': ({ id }) => id,
    'instance-type': ({ type }) => type,
    'image-id': ({ image }) => image,
    'subnet-id': ({ subnet }) => subnet,
  } satisfies Fields<ReturnType<typeof findInstance>>);
  const asked = ids.length > 0 ? ids.map((id) => findInstance(account, id)) : [...account.instances.values()];
  const hidden = asked.find((each) => !isVisible(account, each));
  if (ids.length > 0 && hidden !== undefined)
    throw new Refusal('InvalidInstanceID.NotFound', `The instance ID '${hidden.id}' does not exist`);
  const found = asked.filter((each) => isVisible(account, each)).filter(matches);
  const { items, nextToken } = page(account, p, found, { min: 5, max: 1000, ids });
  const reservations = Object.groupBy(items, ({ reservation }) => reservation);
  return {
    reservationSet: Object.entries(reservations).map(([id, instances = []]) => ({
      reservationId: id,
      ownerId: account.id,
      instancesSet: instances.map((each) => describeInstance(account, each)),
    })),
    nextToken,
  };
}

export function describeInstanceStatus(account: Account, p: Parameters): XmlValue {
  const ids = p.list('InstanceId');
  if (ids.length > 100) throw new Refusal('InvalidParameterValue', 'At most 100 instance IDs');
  const all = p.flag('IncludeAllInstances') ?? false;
  const asked = ids.length > 0 ? ids.map((id) => findInstance(account, id)) : [...account.instances.values()];
  const found = asked.filter((each) => all || stateOf(account, each) === 'running');
  const { items, nextToken } = page(account, p, found, { min: 5, max: 1000, ids });
  return {
    instanceStatusSet: items.map((each) => {
      const ok = stateOf(account, each) === 'running' ? 'ok' : 'not-applicable';
      return {
        instanceId: each.id,
        availabilityZone: account.subnets.get(each.subnet)?.zone,
        instanceState: { name: stateOf(account, each) },
        systemStatus: { status: ok },
        instanceStatus: { status: ok },
      };
    }),
    nextToken,
  };
}

export function describeImages(account: Account, p: Parameters): XmlValue {
  const ids = p.list('ImageId');
  const owners = p.list('Owner');
  p.flag('IncludeDeprecated');
  p.flag('IncludeDisabled');
  const matches = readFilters<Image>(p, ({ tags }) => tags, {
    'image-id': ({ id }) => id,
    name: ({ name }) => name,
    state: (each) => each.state,
    architecture: (each) => each.architecture,
    'owner-id': ({ owner }) => owner,
    'root-device-type': () => 'ebs',
    'virtualization-type': () => 'hvm',
  });
  const isOwned = (owner: string) =>
    owners.length === 0 || owners.includes(owner) || (owners.includes('self') && owner === account.id);
  const asked = pick(account.images, ids, 'InvalidAMIID.NotFound', 'image id');
  const found = asked.filter(({ owner }) => isOwned(owner)).filter(matches);
  const { items, nextToken } = page(account, p, found, { min: 1, max: 1000, ids: [] });
  return {
    imagesSet: items.map((each) => ({
      imageId: each.id,
      name: each.name,
      imageOwnerId: each.owner,
      imageState: each.state,
      architecture: each.architecture,
      creationDate: each.created,
      rootDeviceName: each.rootDevice,
      rootDeviceType: 'ebs',
      virtualizationType: 'hvm',
      blockDeviceMapping: [
        {
          deviceName: each.rootDevice,
          ebs: { volumeSize: each.sizeGiB, volumeType: 'gp3', deleteOnTermination: true },
        },
      ],
      tagSet: tagSet(each.tags),
    })),
    nextToken,
  };
}

export function describeSubnets(account: Account, p: Parameters): XmlValue {
  const ids = p.list('SubnetId');
  const matches = readFilters<Subnet>(p, ({ tags }) => tags, {
    'subnet-id': ({ id }) => id,
    'vpc-id': ({ vpc }) => vpc,
    'availability-zone': ({ zone }) => zone,
  });
  const asked = pick(account.subnets, ids, 'InvalidSubnetID.NotFound', 'subnet ID');
  const { items, nextToken } = page(account, p, asked.filter(matches), { min: 5, max: 1000, ids });
  return {
    subnetSet: items.map((each) => ({
      subnetId: each.id,
      vpcId: each.vpc,
      availabilityZone: each.zone,
      state: 'available',
      availableIpAddressCount: Math.max(0, freeAddresses(account, each)),
      mapPublicIpOnLaunch: each.public,
      tagSet: tagSet(each.tags),
    })),
    nextToken,
  };
}

export function describeSecurityGroups(account: Account, p: Parameters): XmlValue {
  const ids = p.list('GroupId');
  const matches = readFilters<SecurityGroup>(p, ({ tags }) => tags, {
    'group-id': ({ id }) => id,
    'group-name': ({ name }) => name,
    'vpc-id': ({ vpc }) => vpc,
  });
  const asked = pick(account.securityGroups, ids, 'InvalidGroup.NotFound', 'security group');
  const { items, nextToken } = page(account, p, asked.filter(matches), { min: 5, max: 1000, ids });
  return {
    securityGroupInfo: items.map((each) => ({
      groupId: each.id,
      groupName: each.name,
      vpcId: each.vpc,
      ownerId: account.id,
      ipPermissions: each.rules.map((rule) => ({
        ipProtocol: rule.protocol,
        fromPort: rule.from,
        toPort: rule.to,
        ipRanges: (rule.cidrs ?? []).map((cidrIp) => ({ cidrIp })),
        ipv6Ranges: (rule.cidrs6 ?? []).map((cidrIpv6) => ({ cidrIpv6 })),
        groups: (rule.groups ?? []).map((groupId) => ({ groupId })),
      })),
      tagSet: tagSet(each.tags),
    })),
    nextToken,
  };
}

export function describeVolumes(account: Account, p: Parameters): XmlValue {
  const ids = p.list('VolumeId');
  const matches = readFilters<Volume>(p, ({ tags }) => tags, {
    'volume-id': ({ id }) => id,
    status: (each) => useOf(each),
    'attachment.instance-id': ({ instance }) => instance,
  });
  const asked = pick(account.volumes, ids, 'InvalidVolume.NotFound', 'volume');
  const { items, nextToken } = page(account, p, asked.filter(matches), { min: 5, max: 1000, ids });
  return {
    volumeSet: items.map((each) => ({
      volumeId: each.id,
      status: useOf(each),
      size: each.sizeGiB,
      volumeType: each.type,
      encrypted: each.encrypted,
      kmsKeyId: each.kmsKeyId,
      attachmentSet:
        each.instance === undefined
          ? []
          : [
              {
                volumeId: each.id,
                instanceId: each.instance,
                device: each.device,
                status: 'attached',
                deleteOnTermination: each.deleteOnTermination,
              },
            ],
      tagSet: tagSet(each.tags),
    })),
    nextToken,
  };
}

export function describeNetworkInterfaces(account: Account, p: Parameters): XmlValue {
  const ids = p.list('NetworkInterfaceId');
  const matches = readFilters<NetworkInterface>(p, ({ tags }) => tags, {
    'network-interface-id': ({ id }) => id,
    status: (each) => useOf(each),
    'attachment.instance-id': ({ instance }) => instance,
    'group-id': ({ securityGroups }) => securityGroups,
    'subnet-id': ({ subnet }) => subnet,
  });
  const asked = pick(account.interfaces, ids, 'InvalidNetworkInterfaceID.NotFound', 'networkInterface ID');
  const { items, nextToken } = page(account, p, asked.filter(matches), { min: 5, max: 1000, ids });
  return {
    networkInterfaceSet: items.map((each) => ({
      networkInterfaceId: each.id,
      subnetId: each.subnet,
      status: useOf(each),
      groupSet: each.securityGroups.map((groupId) => ({ groupId })),
      attachment:
        each.instance === undefined
          ? undefined
          : {
              instanceId: each.instance,
              status: 'attached',
              deviceIndex: 0,
              deleteOnTermination: each.deleteOnTermination,
            },
      tagSet: tagSet(each.tags),
    })),
    nextToken,
  };
}

export function describeLaunchTemplates(account: Account, p: Parameters): XmlValue {
  const ids = p.list('LaunchTemplateId');
  const names = p.list('LaunchTemplateName');
  const matches = readFilters<Template>(p, ({ tags }) => tags, {
    'launch-template-name': ({ name }) => name,
  });
  const all = [...account.templates.values()];
  for (const name of names)
    if (!all.some((each) => each.name === name))
      throw new Refusal(
        'InvalidLaunchTemplateName.NotFoundException',
        'At least one of the launch templates specified in the request does not exist.',
      );
  const asked = pick(account.templates, ids, 'InvalidLaunchTemplateId.NotFound', 'launch template ID')
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .filter(matches);
  const { items, nextToken } = page(account, p, asked, { min: 1, max: 200, ids: [] });
  return { launchTemplates: items.map((each) => describe(account, each)), nextToken };
}

export function describeLaunchTemplateVersions(account: Account, p: Parameters): XmlValue {
  const template = findTemplate(account, p);
  const words = p.list('LaunchTemplateVersion');
  const asked = words.length === 0 ? template.versions : words.map((word) => findVersion(template, word));
  const { items, nextToken } = page(account, p, asked, { min: 1, max: 200, ids: [] });
  return {
    launchTemplateVersionSet: items.map((each) => describeVersion(account, template, each)),
    nextToken,
  };
}

export function describeInstanceTypes(account: Account, p: Parameters): XmlValue {
  const ids = p.list('InstanceType');
  if (ids.length > 100) throw new Refusal('InvalidParameterValue', 'At most 100 instance types');
  const matches = readFilters<[string, string]>(p, () => ({}), {
    'instance-type': ([type]) => type,
    'processor-info.supported-architecture': ([, architecture]) => architecture,
  });
  const unknown = ids.filter((id) => ARCHITECTURES[id] === undefined);
  if (unknown.length > 0)
    throw new Refusal(
      'InvalidInstanceType',
      `The following supplied instance types do not exist: [${unknown.join(', ')}]`,
    );
  const asked = Object.entries(ARCHITECTURES).filter(([type]) => ids.length === 0 || ids.includes(type));
  const { items, nextToken } = page(account, p, asked.filter(matches), { min: 5, max: 100, ids });
  return {
    instanceTypeSet: items.map(([type, architecture]) => ({
      instanceType: type,
      currentGeneration: true,
      processorInfo: { supportedArchitectures: [architecture] },
      vCpuInfo: { defaultVCpus: 2 },
      memoryInfo: { sizeInMiB: 4096 },
    })),
    nextToken,
  };
}

export function deleteVolume(account: Account, p: Parameters): XmlValue {
  const id = p.required('VolumeId');
  p.end();
  const [volume] = pick(account.volumes, [id], 'InvalidVolume.NotFound', 'volume');
  if (volume?.instance !== undefined)
    throw new Refusal('VolumeInUse', `Volume ${volume.id} is currently attached to ${volume.instance}`);
  account.volumes.delete(id);
  return { return: true };
}

export function deleteNetworkInterface(account: Account, p: Parameters): XmlValue {
  const id = p.required('NetworkInterfaceId');
  p.end();
  const [found] = pick(account.interfaces, [id], 'InvalidNetworkInterfaceID.NotFound', 'networkInterface ID');
  if (found?.instance !== undefined)
    throw new Refusal('InvalidNetworkInterface.InUse', `Network interface ${found.id} is currently in use.`);
  account.interfaces.delete(id);
  return { return: true };
}

function useOf({ instance }: { instance: string | undefined }): string {
  return instance === undefined ? 'available' : 'in-use';
}

function pick<T>(things: Map<string, T>, ids: string[], code: string, word: string): T[] {
  if (ids.length === 0) return [...things.values()];
  return ids.map((id) => {
    const found = things.get(id);
    if (found !== undefined) return found;
    throw new Refusal(code, `The ${word} '${id}' does not exist`);
  });
}

/** Every filter has to match, by one of its values; `*` and `?` stand for anything. Names this fake does not know are refused. */
function readFilters<T>(p: Parameters, tagsOf: (thing: T) => Tags, fields: Fields<T>): (thing: T) => boolean {
  const filters = p.groups('Filter').map((each) => {
    const name = each.required('Name');
    const values = each.list('Value');
    if (values.length === 0) throw new Refusal('MissingParameter', `The filter ${name} has no value`);
    if (values.length > 200)
      throw new Refusal(
        'FilterLimitExceeded',
        'The maximum number of filter values specified on a single call is 200',
      );
    const look = lookOf(name, tagsOf, fields);
    const patterns = values.map(toPattern);
    return (thing: T) =>
      [look(thing)].flat().some((value) => value !== undefined && patterns.some((each) => each.test(value)));
  });
  return (thing) => filters.every((matches) => matches(thing));
}

function lookOf<T>(name: string, tagsOf: (thing: T) => Tags, fields: Fields<T>): Fields<T>[string] {
  if (name.startsWith('tag:')) return (thing) => tagsOf(thing)[name.slice('tag:'.length)];
  if (name === 'tag-key') return (thing) => Object.keys(tagsOf(thing));
  const field = fields[name];
  if (field !== undefined) return field;
  throw new Refusal('InvalidParameterValue', `The filter '${name}' is invalid`);
}

function toPattern(value: string): RegExp {
  const escaped = value
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${escaped}$`, 's');
}
