import type { AwsLaunchOptions } from '../launch-on-aws.js';
import { rolesWord } from '../tags.js';
import type { AwsCluster } from '../types.js';
import { strangers } from './admin-sources.js';
import { groupOf } from './launch-group.js';
import { nodesOf } from './node-count.js';
import type { LaunchFacts } from './read-facts.js';

interface Launched {
  options: Pick<AwsLaunchOptions, 'request' | 'settings'>;
  shape: 'group' | 'instances';
  /** From before the launch. */
  facts: LaunchFacts;
  /** After it. */
  now: AwsCluster;
  target: number;
}

/** What is no reason to refuse a launch, and worth a sentence. */
export function launchWarnings(launched: Launched): string[] {
  return [...nodeWarnings(launched), ...imageWarnings(launched), ...networkWarnings(launched)];
}

function nodeWarnings({ options, shape, now, target }: Launched): string[] {
  const { cluster, roles } = options.request;
  const nodes = nodesOf(now, roles);
  const stopped = nodes.filter(({ state }) => state === 'stopped' || state === 'stopping');
  const hasMasters = now.instances.some(
    (instance) => instance.roles.includes('master') && nodesOf(now, instance.roles).includes(instance),
  );
  return [
    ...stopped.map(
      ({ id, name, state }) => `${name} (${id}) is ${state} and counts as there: start it, or terminate it.`,
    ),
    ...(nodes.length > target
      ? [
          `There are ${nodes.length} ${rolesWord(roles)} nodes, more than the ${target} asked for: AWS did not show all of an earlier launch.`,
        ]
      : []),
    ...(hasMasters || roles.includes('master') ? [] : [`Cluster ${cluster} has no masters yet.`]),
    ...(shape === 'group' && roles.includes('master')
      ? ['A group replaces a master that ends by one with another address.']
      : []),
  ];
}

/** Weeks later the newest image is another one. */
function imageWarnings({ options, facts, now }: Launched): string[] {
  const before = nodesOf(facts.cluster, options.request.roles);
  const old = [...new Set(before.map(({ imageId }) => imageId))];
  const known = new Set(before.map(({ id }) => id));
  const fresh = nodesOf(now, options.request.roles).filter(({ id }) => !known.has(id));
  const other = fresh.find(({ imageId }) => before.length > 0 && !old.includes(imageId));
  return [
    ...groupChange(facts.cluster, now, options.request.roles),
    ...(other === undefined
      ? []
      : [`New nodes boot ${other.imageId}, those of before ${old.join(', ')}: --image keeps to one.`]),
  ];
}

function groupChange(before: AwsCluster, now: AwsCluster, roles: readonly string[]): string[] {
  const [was, is] = [before, now].map((cluster) => groupOf(cluster, roles)?.template?.version);
  if (was === undefined || is === undefined || was === is) return [];
  return [
    `The group launches by version ${is} of its template from now on, not ${was}; nodes that are there stay as they are.`,
  ];
}

function networkWarnings({ options, facts }: Launched): string[] {
  const { adminCidrs } = options.settings;
  const { groups } = facts;
  const others = adminCidrs.length === 0 ? [] : strangers(groups, adminCidrs);
  return [
    ...(others.length === 0
      ? []
      : [`The security groups let in ${others.join(', ')}, which is none of the admin CIDRs.`]),
    ...(groups.length > 1 && groups.every(({ Tags = [] }) => Tags.length === 0)
      ? ['No security group has the cluster’s tag: Kubernetes will not know in which to open load balancers.']
      : []),
  ];
}
