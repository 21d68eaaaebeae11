import type { Account, Group } from './account.js';
import { checkTags } from './launch-data.js';
import type { Parameters } from './parameters.js';
import { Refusal } from './refusal.js';

/** What creating and changing a group have in common. */
export function readSettings(account: Account, p: Parameters) {
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

export function readGroupTags(p: Parameters, group: string): Group['tags'] {
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
