import { type Account, newId, type Template } from './account.js';
import { type LaunchData, readLaunchData, readTagSpecifications, type Tags } from './launch-data.js';
import type { Parameters } from './parameters.js';
import { Refusal } from './refusal.js';
import type { XmlValue } from './xml.js';

/** Names are 3 to 128 characters of these. */
const NAME = /^[a-zA-Z0-9().\-/_]{3,128}$/;

export function createLaunchTemplate(account: Account, p: Parameters): XmlValue {
  const name = p.required('LaunchTemplateName');
  const description = p.text('VersionDescription');
  const data = readData(p);
  const tags = readTagSpecifications(p, ['launch-template'])?.['launch-template'] ?? {};
  p.text('ClientToken');
  p.end();
  if (!NAME.test(name))
    throw new Refusal('InvalidLaunchTemplateName.MalformedException', `Invalid launch template name ${name}`);
  if ([...account.templates.values()].some((each) => each.name === name))
    throw new Refusal(
      'InvalidLaunchTemplateName.AlreadyExistsException',
      'Launch template name already in use.',
    );
  const template: Template = { id: newId('lt'), name, tags, defaultVersion: 1, versions: [] };
  account.templates.set(template.id, template);
  addVersion(template, data, description);
  return { launchTemplate: describe(account, template) };
}

export function createLaunchTemplateVersion(account: Account, p: Parameters): XmlValue {
  const template = findTemplate(account, p);
  const source = p.text('SourceVersion');
  const description = p.text('VersionDescription');
  const given = readData(p);
  const data = source === undefined ? given : { ...findVersion(template, source).data, ...given };
  p.text('ClientToken');
  p.end();
  const version = addVersion(template, data, description);
  return { launchTemplateVersion: describeVersion(account, template, version) };
}

export function deleteLaunchTemplate(account: Account, p: Parameters): XmlValue {
  const template = findTemplate(account, p);
  p.end();
  account.templates.delete(template.id);
  return { launchTemplate: describe(account, template) };
}

/** By id or name, one of them. @throws Refusal where it does not exist */
export function findTemplate(account: Account, p: Parameters): Template {
  const id = p.text('LaunchTemplateId');
  const name = p.text('LaunchTemplateName');
  if ((id === undefined) === (name === undefined))
    throw new Refusal(
      'InvalidParameterCombination',
      'Either LaunchTemplateId or LaunchTemplateName, not both',
    );
  const found = [...account.templates.values()].find((each) => each.id === id || each.name === name);
  if (found !== undefined) return found;
  if (id !== undefined)
    throw new Refusal(
      'InvalidLaunchTemplateId.NotFound',
      `The specified launch template, with template ID ${id}, does not exist.`,
    );
  throw new Refusal(
    'InvalidLaunchTemplateName.NotFoundException',
    `The specified launch template, with template name ${name}, does not exist.`,
  );
}

/** @throws Refusal where it does not exist */
export function findVersion(template: Template, word: string | undefined): Template['versions'][number] {
  const number =
    word === undefined || word === '$Default'
      ? template.defaultVersion
      : word === '$Latest'
        ? template.versions.length
        : Number(word);
  const found = template.versions.find((each) => each.number === number);
  if (found !== undefined) return found;
  throw new Refusal(
    'InvalidLaunchTemplateId.VersionNotFound',
    `Could not find the specified version ${word} for the launch template with ID ${template.id}.`,
  );
}

export function describe(account: Account, { id, name, defaultVersion, versions, tags }: Template): XmlValue {
  return {
    launchTemplateId: id,
    launchTemplateName: name,
    createTime: versions[0]?.created,
    createdBy: `arn:aws:iam::${account.id}:root`,
    defaultVersionNumber: defaultVersion,
    latestVersionNumber: versions.length,
    tagSet: tagSet(tags),
  };
}

export function describeVersion(
  account: Account,
  template: Template,
  { number, description, data, created }: Template['versions'][number],
): XmlValue {
  return {
    launchTemplateId: template.id,
    launchTemplateName: template.name,
    versionNumber: number,
    versionDescription: description,
    createTime: created,
    createdBy: `arn:aws:iam::${account.id}:root`,
    defaultVersion: number === template.defaultVersion,
    launchTemplateData: {
      imageId: data.imageId,
      instanceType: data.instanceType,
      userData: data.userData,
      iamInstanceProfile: data.profile === undefined ? undefined : { name: data.profile },
      securityGroupIdSet: data.securityGroups,
      networkInterfaceSet: data.interfaces?.map((each) => ({
        deviceIndex: each.deviceIndex,
        subnetId: each.subnet,
        groupSet: each.securityGroups,
        deleteOnTermination: each.deleteOnTermination,
        associatePublicIpAddress: each.publicAddress,
      })),
      blockDeviceMappingSet: data.blockDevices?.map((each) => ({
        deviceName: each.device,
        ebs: {
          volumeSize: each.sizeGiB,
          volumeType: each.type,
          encrypted: each.encrypted,
          kmsKeyId: each.kmsKeyId,
          deleteOnTermination: each.deleteOnTermination,
        },
      })),
      metadataOptions: data.metadata && {
        httpTokens: data.metadata.tokens,
        httpPutResponseHopLimit: data.metadata.hopLimit,
        httpEndpoint: data.metadata.endpoint,
        instanceMetadataTags: data.metadata.tags,
      },
      instanceInitiatedShutdownBehavior: data.shutdownBehavior,
      tagSpecificationSet: Object.entries(data.tags ?? {}).map(([type, tags]) => ({
        resourceType: type,
        tagSet: tagSet(tags ?? {}),
      })),
    },
  };
}

export function tagSet(tags: Tags): XmlValue {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

function readData(p: Parameters): LaunchData {
  const data = p.group('LaunchTemplateData');
  if (data === undefined)
    throw new Refusal('MissingParameter', 'The request must contain the parameter LaunchTemplateData');
  return readLaunchData(data);
}

function addVersion(template: Template, data: LaunchData, description: string | undefined) {
  if (description !== undefined && description.length > 255)
    throw new Refusal('InvalidParameterValue', 'VersionDescription is limited to 255 characters');
  const version = {
    number: template.versions.length + 1,
    description,
    data,
    created: new Date().toISOString(),
  };
  template.versions.push(version);
  return version;
}
