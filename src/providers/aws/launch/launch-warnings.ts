import type { AwsLaunchOptions } from '../launch-on-aws.js';
import { rolesWord } from '../tags.js';
import type { AwsCluster, AwsGroup } from '../types.js';
import { strangers } from './admin-sources.js';
import { imagesOf } from './choose-image.js';
import { groupOf } from './launch-group.js';
import { nodesOf } from './node-count.js';
import { prefixLists } from './open-sources.js';
import type { LaunchFacts } from './read-facts.js';

interface Launched {
  options: Pick<AwsLaunchOptions, 'request' | 'settings'>;
  shape: 'group' | 'instances';
  /** From before the launch. */
  facts: LaunchFacts;
  /** After it. */
  now: AwsCluster;
  target: number;
  /** AMI of new nodes; `undefined`: there were to be none. */
  image: string | undefined;
}

/** What is no reason to refuse a launch, and worth a sentence. */
export function launchWarnings(launched: Launched): string[] {
  return [
    ...nodeWarnings(launched),
    ...imageWarnings(launched),
    ...groupWarnings(launched),
    ...networkWarnings(launched),
  ];
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

/** Of all roles: one cluster is to run one release. */
function imageWarnings({ options, facts, now, image }: Launched): string[] {
  const old = imagesOf(facts.cluster);
  const other = [...imagesOf(now), ...(image === undefined ? [] : [image])].find(
    (each) => !old.includes(each),
  );
  if (old.length > 0 && other !== undefined)
    return [`New nodes boot ${other}, those of before ${old.join(', ')}: --image keeps to one.`];
  if (old.length < 2) return [];
  return [
    `Nodes of ${options.request.cluster} run different images: ${old.join(', ')}; --image says which one new nodes boot.`,
  ];
}

/** What is otherwise with a group that was there before. */
function groupWarnings({ options, facts, now }: Launched): string[] {
  const [was, is] = [facts.cluster, now].map((cluster) => groupOf(cluster, options.request.roles));
  if (was === undefined || is === undefined) return [];
  return [...versionChange(was, is), ...subnetChange(was, is, options.settings.subnets)];
}

function versionChange({ template: was }: AwsGroup, { template: is }: AwsGroup): string[] {
  if (was === undefined || is === undefined || was.version === is.version) return [];
  return [
    `The group launches by version ${is.version} of its template from now on, not ${was.version}; nodes that are there stay as they are.`,
  ];
}

function subnetChange(was: AwsGroup, is: AwsGroup, given: readonly string[]): string[] {
  const added = is.subnets.filter((subnet) => !was.subnets.includes(subnet));
  const kept = was.subnets.filter((subnet) => !given.includes(subnet));
  return [
    ...(added.length === 0
      ? []
      : [
          `The group launches into ${added.join(', ')} too from now on: to even its zones out, AWS may end nodes and launch others there.`,
        ]),
    ...(kept.length === 0
      ? []
      : [
          `The group keeps ${kept.join(', ')}, not given now: without them AWS would end the nodes there. To take them away, change the group in AWS.`,
        ]),
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
    ...groups
      .filter((group) => prefixLists(group).length > 0)
      .map(
        (group) =>
          `Security group ${group.GroupId} lets in prefix lists (${prefixLists(group).join(', ')}), which kiln does not look into: see that none is open to the world.`,
      ),
    ...(groups.length > 1 && groups.every(({ Tags = [] }) => Tags.length === 0)
      ? ['No security group has the cluster’s tag: Kubernetes will not know in which to open load balancers.']
      : []),
  ];
}
