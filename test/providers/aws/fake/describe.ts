import {
  type Account,
  freeAddresses,
  type Image,
  isVisible,
  type SecurityGroup,
  type Subnet,
  stateOf,
  type Template,
  visibleTags,
} from './account.js';
import { type Fields, pick, readFilters } from './filters.js';
import { describeInstance, findInstance } from './instances.js';
import { page } from './page.js';
import type { Parameters } from './parameters.js';
import { Refusal } from './refusal.js';
import { ARCHITECTURES } from './start-instances.js';
import { describe, describeVersion, findTemplate, findVersion, tagSet } from './templates.js';
import type { XmlValue } from './xml.js';

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
