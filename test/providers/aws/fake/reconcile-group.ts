import { type Account, endInstance, type Group, type Instance, newId, stateOf } from './account.js';
import { Refusal } from './refusal.js';
import { checkLaunch, startInstances } from './start-instances.js';
import { findVersion } from './templates.js';

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
export function checkTemplate(account: Account, group: Group): void {
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

/** Those that are not gone. */
export function membersOf(account: Account, group: Group): Instance[] {
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
