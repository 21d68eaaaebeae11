import { type Account, endInstance, type Group, type Instance, newId, stateOf } from './account.js';
import { checkTags } from './launch-data.js';
import { page } from './page.js';
import type { Parameters } from './parameters.js';
import { Refusal } from './refusal.js';
import { checkLaunch, startInstances } from './start-instances.js';
import { findVersion } from './templates.js';
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

/** What a group does by itself between two requests: it launches what is missing, ends what is too much, and forgets itself. */
export function reconcile(account: Account, group: Group): void {
  const members = membersOf(account, group);
  if (group.deleting) {
    if (members.length === 0) account.groups.delete(group.name);
    return;
  }
  const living = members.filter(({ ended }) => ended === undefined);
  for (const each of living.slice(group.desired))
    endInstance(account, each, { reason: 'Group made smaller' });
  let missing = group.desired - living.length;
  const problems: string[] = [];
  for (const subnet of bySize(group, living)) {
    for (const type of typesOf(account, group)) {
      if (missing <= 0) break;
      const share = Math.ceil(group.desired / group.subnets.length);
      const asked = Math.min(missing, Math.max(1, problems.length > 0 ? missing : share));
      try {
        const started = startInstances(account, launchOf(account, group, { subnet, type, count: asked }));
        missing -= started.length;
        note(account, group, 'Successful', `Launching ${started.length} EC2 instances in ${subnet}`);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        problems.push(error.message);
        note(
          account,
          group,
          'Failed',
          'Launching a new EC2 instance.',
          `${error.message} Launching EC2 instance failed.`,
        );
      }
    }
  }
}

function launchOf(
  account: Account,
  group: Group,
  { subnet, type, count }: { subnet: string; type: string; count: number },
) {
  const template = account.templates.get(group.template.id);
  if (template === undefined)
    throw new Refusal(
      'ValidationError',
      'You must use a valid fully-formed launch template. The specified launch template does not exist.',
    );
  const version = findVersion(template, group.template.version);
  return {
    data: { ...version.data, instanceType: type },
    ...{ subnet, min: 1, max: count },
    template: { id: template.id, version: version.number },
    group: group.name,
    groupTags: Object.fromEntries(
      group.tags.filter(({ propagate }) => propagate).map(({ key, value }) => [key, value]),
    ),
  };
}

/** As Auto Scaling does: it asks EC2, in the caller's name, whether the template would launch. */
function checkTemplate(account: Account, group: Group): void {
  try {
    for (const subnet of group.subnets)
      for (const type of typesOf(account, group))
        checkLaunch(account, launchOf(account, group, { subnet, type, count: 1 }));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(
      'ValidationError',
      `You must use a valid fully-formed launch template. ${error.message}`,
    );
  }
}

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

function readSettings(account: Account, p: Parameters) {
  const subnets = p
    .text('VPCZoneIdentifier')
    ?.split(',')
    .map((each) => each.trim());
  for (const id of subnets ?? [])
    if (!account.subnets.has(id))
      throw new Refusal('ValidationError', `The subnet ID '${id}' does not exist`);
  p.integer('HealthCheckGracePeriod', { min: 0, max: 86_400 });
  p.integer('DefaultCooldown', { min: 0, max: 86_400 });
  p.integer('DefaultInstanceWarmup', { min: -1, max: 3600 });
  p.flag('CapacityRebalance');
  p.list('TerminationPolicies');
  const size = { min: 0, max: 10_000 };
  const policy = p.group('MixedInstancesPolicy');
  const mixed = policy?.group('LaunchTemplate');
  readDistribution(policy?.group('InstancesDistribution'));
  const template = p.group('LaunchTemplate') ?? mixed?.group('LaunchTemplateSpecification');
  const types = mixed?.groups('Overrides').map((each) => each.required('InstanceType'));
  return {
    min: p.integer('MinSize', size),
    max: p.integer('MaxSize', size),
    desired: p.integer('DesiredCapacity', size),
    subnets,
    template: template && readTemplate(account, template),
    types,
    healthCheckType: p.choice('HealthCheckType', ['EC2', 'ELB']),
  };
}

function readDistribution(p: Parameters | undefined): void {
  p?.choice('OnDemandAllocationStrategy', ['lowest-price', 'prioritized']);
  p?.integer('OnDemandBaseCapacity', { min: 0, max: 10_000 });
  p?.integer('OnDemandPercentageAboveBaseCapacity', { min: 0, max: 100 });
}

function readTemplate(account: Account, p: Parameters): Group['template'] {
  const id = p.text('LaunchTemplateId');
  const name = p.text('LaunchTemplateName');
  if ((id === undefined) === (name === undefined))
    throw new Refusal(
      'ValidationError',
      'Valid requests must contain either launchTemplateId or LaunchTemplateName',
    );
  const found = [...account.templates.values()].find((each) => each.id === id || each.name === name);
  if (found === undefined)
    throw new Refusal(
      'ValidationError',
      'You must use a valid fully-formed launch template. The specified launch template does not exist.',
    );
  return { id: found.id, version: p.text('Version') ?? '$Default' };
}

function readGroupTags(p: Parameters, group: string): Group['tags'] {
  const tags = p.groups('Tags').map((each) => {
    const resource = each.text('ResourceId') ?? group;
    if (resource !== group) throw new Refusal('ValidationError', `Tag of another group: ${resource}`);
    each.choice('ResourceType', ['auto-scaling-group']);
    return {
      key: each.required('Key'),
      value: each.text('Value') ?? '',
      propagate: each.flag('PropagateAtLaunch') ?? false,
    };
  });
  checkTags(tags.map(({ key, value }) => [key, value]));
  return tags;
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
function membersOf(account: Account, group: Group): Instance[] {
  return [...account.instances.values()].filter(
    (each) => each.group === group.name && stateOf(account, each) !== 'terminated',
  );
}

function bySize({ subnets }: Group, living: readonly Instance[]): string[] {
  const count = (id: string) => living.filter(({ subnet }) => subnet === id).length;
  // Twice: what one subnet had no room for, another may take.
  const sorted = subnets.toSorted((a, b) => count(a) - count(b));
  return [...sorted, ...sorted];
}

function typesOf(account: Account, group: Group): string[] {
  if (group.types.length > 0) return group.types;
  const template = account.templates.get(group.template.id);
  return [(template && findVersion(template, group.template.version).data.instanceType) ?? 'm1.small'];
}

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

function note(
  account: Account,
  group: Group,
  status: 'Successful' | 'Failed',
  description: string,
  message?: string,
): void {
  const activity = {
    id: newId('activity'),
    group: group.name,
    status,
    description,
    message,
    at: new Date().toISOString(),
  };
  account.activities.unshift(activity);
  account.activities.length = Math.min(account.activities.length, 500);
}
