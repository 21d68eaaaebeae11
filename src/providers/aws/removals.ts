import { isLive } from './describe-cluster.js';
import type { AwsCluster, AwsGroup, AwsInstance, AwsTemplate } from './types.js';

/** One thing of a cluster that is to go. */
export interface Removal {
  kind: 'group' | 'instance' | 'volume' | 'interface' | 'template';
  id: string;
  /** What a person knows it by. */
  what: string;
  state: string;
  /** It goes by itself: it is on its way already, or ends with its group. */
  leaving: boolean;
  /** The group it ends with, which would replace it. */
  group?: string;
}

/**
 * Everything that is left of a cluster, in stages: a stage is begun when nothing of those before it is left, since groups launch
 * instances, instances hold volumes and interfaces, and templates are what groups launch from.
 */
export function removalStages(cluster: AwsCluster): Removal[][] {
  return [
    [...cluster.groups.map(groupRemoval), ...instances(cluster)],
    [...cluster.volumes.map(volumeRemoval), ...cluster.networkInterfaces.map(interfaceRemoval)],
    cluster.templates.map(templateRemoval),
  ];
}

function groupRemoval({ name, roles, desired, status }: AwsGroup): Removal {
  return {
    kind: 'group',
    id: name,
    what: `${desired} × ${roles.join(',')}`,
    state: status?.toLowerCase() ?? 'in use',
    leaving: status !== undefined,
  };
}

function instances({ instances, groups }: AwsCluster): Removal[] {
  const names = new Set(groups.map(({ name }) => name));
  return instances.filter(isLive).map((instance) => instanceRemoval(instance, names));
}

function instanceRemoval({ id, name, state, group }: AwsInstance, groups: ReadonlySet<string>): Removal {
  const itself = { kind: 'instance', id, what: name, state } as const;
  // A group would replace what is ended before it.
  if (group !== undefined && groups.has(group)) return { ...itself, leaving: true, group };
  return { ...itself, leaving: state === 'shutting-down' };
}

function volumeRemoval({ id, state }: AwsCluster['volumes'][number]): Removal {
  return { kind: 'volume', id, what: 'left over', state, leaving: isBusy(state) };
}

function interfaceRemoval({ id, state }: AwsCluster['networkInterfaces'][number]): Removal {
  return { kind: 'interface', id, what: 'left over', state, leaving: isBusy(state) };
}

/** Still on an ended instance, with which it goes, or is left as `available`. */
function isBusy(state: string): boolean {
  return state !== 'available' && state !== 'error';
}

function templateRemoval({ id, name, latestVersion }: AwsTemplate): Removal {
  return { kind: 'template', id, what: name, state: `version ${latestVersion}`, leaving: false };
}
