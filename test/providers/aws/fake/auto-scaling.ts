import { type Account, endInstance, type Group, type Instance, stateOf } from './account.js';
import { readGroupTags, readSettings } from './group-settings.js';
import { page } from './page.js';
import type { Parameters } from './parameters.js';
import { checkTemplate, membersOf, reconcile } from './reconcile-group.js';
import { Refusal } from './refusal.js';
import type { XmlValue } from './xml.js';

const PAGES = { size: 'MaxRecords', token: 'NextToken' };

export function createAutoScalingGroup(account: Account, p: Parameters): XmlValue {
  const name = p.required('AutoScalingGroupName');
  const settings = readSettings(account, p);
  const tags = readGroupTags(p, name);
  p.end();
  if (account.groups.has(name))
    throw new Refusal(
      'AlreadyExists',
      `AutoScalingGroup by this name already exists - A group with the name ${name} already exists`,
    );
  const { min, max, desired = min, template, subnets, types, healthCheckType = 'EC2' } = settings;
  if (min === undefined || max === undefined)
    throw new Refusal('ValidationError', 'MinSize and MaxSize are required');
  if (template === undefined)
    throw new Refusal(
      'ValidationError',
      'Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.',
    );
  if (subnets === undefined)
    throw new Refusal('ValidationError', 'At least one Availability Zone or VPC Subnet is required.');
  const created = new Date().toISOString();
  const group: Group = {
    ...{ name, template, subnets, types: types ?? [], tags, healthCheckType, created, deleting: false },
    ...{ min, max, desired: desired ?? min },
  };
  checkSizes(group);
  checkTemplate(account, group);
  account.groups.set(name, group);
  reconcile(account, group);
  return {};
}

export function updateAutoScalingGroup(account: Account, p: Parameters): XmlValue {
  const name = p.required('AutoScalingGroupName');
  const settings = readSettings(account, p);
  p.end();
  const group = findGroup(account, name, 'null');
  if (group.deleting)
    throw new Refusal('ScalingActivityInProgress', `AutoScalingGroup ${name} is being deleted`);
  const changed: Group = {
    ...group,
    min: settings.min ?? group.min,
    max: settings.max ?? group.max,
    desired: settings.desired ?? group.desired,
    template: settings.template ?? group.template,
    types: settings.types ?? group.types,
    subnets: settings.subnets ?? group.subnets,
  };
  // Only a desired size that is said has to fit; the one there is moves into the new bounds.
  if (settings.desired === undefined)
    changed.desired = Math.min(Math.max(changed.desired, changed.min), changed.max);
  checkSizes(changed);
  checkTemplate(account, changed);
  account.groups.set(name, changed);
  // Nodes in subnets the group left are ended, and launched anew in the others.
  for (const each of membersOf(account, changed))
    if (!changed.subnets.includes(each.subnet)) endInstance(account, each, { reason: 'Subnet left' });
  reconcile(account, changed);
  return {};
}

export function deleteAutoScalingGroup(account: Account, p: Parameters): XmlValue {
  const name = p.required('AutoScalingGroupName');
  const force = p.flag('ForceDelete') ?? false;
  p.end();
  const group = findGroup(account, name, `no such group: ${name}`);
  const members = membersOf(account, group);
  if (members.length > 0 && !force)
    throw new Refusal(
      'ResourceInUse',
      'You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.',
    );
  for (const each of members) endInstance(account, each, { reason: `Group ${name} deleted` });
  group.deleting = true;
  return {};
}

export function describeAutoScalingGroups(account: Account, p: Parameters): XmlValue {
  const names = p.list('AutoScalingGroupNames');
  if (names.length > 50) throw new Refusal('ValidationError', 'At most 50 names');
  const filters = p
    .groups('Filters')
    .map((each) => ({ name: each.required('Name'), values: each.list('Values') }));
  for (const group of account.groups.values()) reconcile(account, group);
  const found = [...account.groups.values()]
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .filter((group) => filters.every((filter) => matches(group, filter)));
  const { items, nextToken } = page(account, p, found, { min: 1, max: 100, ids: [], names: PAGES });
  return { AutoScalingGroups: items.map((each) => describeGroup(account, each)), NextToken: nextToken };
}

export function describeScalingActivities(account: Account, p: Parameters): XmlValue {
  const name = p.text('AutoScalingGroupName');
  p.flag('IncludeDeletedGroups');
  const found = account.activities.filter(({ group }) => name === undefined || group === name);
  const { items, nextToken } = page(account, p, found, { min: 1, max: 100, ids: [], names: PAGES });
  return {
    Activities: items.map((each) => ({
      ActivityId: each.id,
      AutoScalingGroupName: each.group,
      Description: each.description,
      Cause: `At ${each.at} the group was brought to its size.`,
      StartTime: each.at,
      EndTime: each.at,
      StatusCode: each.status,
      StatusMessage: each.message,
      Progress: 100,
    })),
    NextToken: nextToken,
  };
}

/** Those that are not gone. */

/** Those that are not gone. */

function checkSizes({ min, max, desired }: Group): void {
  if (min > max)
    throw new Refusal(
      'ValidationError',
      `Max bound, ${max}, must be greater than or equal to min bound, ${min}`,
    );
  if (desired > max)
    throw new Refusal(
      'ValidationError',
      `Desired capacity:${desired} must be less than or equal to the specified max size:${max}`,
    );
  if (desired < min)
    throw new Refusal(
      'ValidationError',
      `Desired capacity:${desired} must be greater than or equal to the specified min size:${min}`,
    );
}

function describeGroup(account: Account, group: Group): XmlValue {
  const template = account.templates.get(group.template.id);
  const specification = {
    LaunchTemplateId: group.template.id,
    LaunchTemplateName: template?.name,
    Version: group.template.version,
  };
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: `arn:aws:autoscaling:${account.region}:${account.id}:autoScalingGroup:x:autoScalingGroupName/${group.name}`,
    MinSize: group.min,
    MaxSize: group.max,
    DesiredCapacity: group.desired,
    DefaultCooldown: 300,
    AvailabilityZones: group.subnets.map((id) => account.subnets.get(id)?.zone),
    HealthCheckType: group.healthCheckType,
    HealthCheckGracePeriod: 300,
    CreatedTime: group.created,
    VPCZoneIdentifier: group.subnets.join(','),
    ...(group.types.length === 0
      ? { LaunchTemplate: specification }
      : {
          MixedInstancesPolicy: {
            LaunchTemplate: {
              LaunchTemplateSpecification: specification,
              Overrides: group.types.map((InstanceType) => ({ InstanceType })),
            },
          },
        }),
    Instances: membersOf(account, group).map((each) => ({
      InstanceId: each.id,
      InstanceType: each.type,
      AvailabilityZone: account.subnets.get(each.subnet)?.zone,
      LifecycleState: lifecycleOf(account, each),
      HealthStatus: each.ended === undefined ? 'Healthy' : 'Unhealthy',
      ProtectedFromScaleIn: false,
    })),
    Tags: group.tags.map(({ key, value, propagate }) => ({
      ResourceId: group.name,
      ResourceType: 'auto-scaling-group',
      Key: key,
      Value: value,
      PropagateAtLaunch: propagate,
    })),
    Status: group.deleting ? 'Delete in progress' : undefined,
  };
}

function lifecycleOf(account: Account, instance: Instance): string {
  return {
    pending: 'Pending',
    running: 'InService',
    'shutting-down': 'Terminating',
    terminated: 'Terminated',
  }[stateOf(account, instance)];
}

/** Those that are not gone. */

function findGroup(account: Account, name: string, words: string): Group {
  const group = account.groups.get(name);
  if (group !== undefined) return group;
  throw new Refusal('ValidationError', `AutoScalingGroup name not found - ${words}`);
}

function matches({ tags }: Group, { name, values }: { name: string; values: string[] }): boolean {
  if (name === 'tag-key') return tags.some(({ key }) => values.includes(key));
  if (name === 'tag-value') return tags.some(({ value }) => values.includes(value));
  const key = /^tag:(.+)$/.exec(name)?.[1];
  if (key === undefined) throw new Refusal('ValidationError', `Filter ${name} is not supported`);
  return tags.some((tag) => tag.key === key && values.includes(tag.value));
}
