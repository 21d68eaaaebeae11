import type * as AutoScaling from '@aws-sdk/client-auto-scaling';
import type { NodeCount } from '../../../launch/parse-request.js';
import { AwsError } from '../api.js';
import type { Input } from '../calls.js';
import { describeCluster } from '../describe-cluster.js';
import { roleName } from '../tags.js';
import type { AwsCluster, AwsGroup, AwsInstance } from '../types.js';
import type { LaunchContext } from './context.js';
import type { FixedJob } from './launch-fixed.js';
import { nodesOf, targetOf } from './node-count.js';
import { whileSettling } from './settle.js';
import { nodeTags, sharedName } from './template-data.js';

/** Seconds a node may take to boot before it counts as unhealthy. */
const GRACE = 300;
/** Milliseconds until AWS shows a group that it says exists. */
const PATIENCE = 60_000;
const INTERVAL = 2_000;

/**
 * Makes the role's Auto Scaling group, or raises it, to so many nodes; those of the role outside of the group count. It is
 * never made smaller, and leaves no subnet. Returns how many nodes of the role there are to be.
 *
 * @throws AwsError
 */
export async function launchGroup(
  job: FixedJob,
  { cluster, target }: { cluster: AwsCluster; target: number },
): Promise<number> {
  const { context, roles } = job;
  if (groupOf(cluster, roles) !== undefined) return await raise(job, cluster, target);
  try {
    await create(job, cluster.name, desiredOf(cluster, roles, target));
    return target;
  } catch (error) {
    if (!(error instanceof AwsError) || !error.awsCode.startsWith('AlreadyExists')) throw error;
    // A launch that was cut short made it, and AWS did not show it yet: what was worked out without it does not hold.
    return await raise(job, await findHidden(context, cluster.name, roles, error), target);
  }
}

export function groupOf({ name, groups }: AwsCluster, roles: readonly string[]): AwsGroup | undefined {
  return groups.find((group) => group.name === roleName(name, roles));
}

/** Nodes of these roles there are to be, and how many of them are not there; what a group has yet to launch is. */
export function goalOf(
  cluster: AwsCluster,
  { roles, count }: { roles: readonly string[]; count: NodeCount },
): { target: number; missing: number } {
  const { outside, grouped } = countNodes(cluster, roles);
  const target = targetOf(count, outside + grouped);
  return { target, missing: target - outside - grouped };
}

/** Nodes the group is to have. */
export function desiredOf(cluster: AwsCluster, roles: readonly string[], target: number): number {
  const { outside, grouped } = countNodes(cluster, roles);
  return Math.max(grouped, target - outside);
}

/** Nodes outside of the role's group, and what the group has or is to have: AWS may show its nodes and not yet the group. */
function countNodes(cluster: AwsCluster, roles: readonly string[]): { outside: number; grouped: number } {
  const isInside = ({ group }: AwsInstance): boolean => group === roleName(cluster.name, roles);
  const nodes = nodesOf(cluster, roles);
  const inside = nodes.filter(isInside).length;
  return { outside: nodes.length - inside, grouped: groupOf(cluster, roles)?.desired ?? inside };
}

async function create(job: FixedJob, cluster: string, desired: number): Promise<void> {
  const { context, roles, image, settings } = job;
  const name = roleName(cluster, roles);
  const tags = nodeTags({ cluster, roles, image, name: sharedName({ cluster, roles }) });
  await whileSettling(context, () =>
    context.api.change(
      'autoscaling:CreateAutoScalingGroup',
      {
        AutoScalingGroupName: name,
        MinSize: 0,
        MaxSize: desired,
        DesiredCapacity: desired,
        ...launchedBy(job),
        ...(settings.subnets.length === 0 ? {} : { VPCZoneIdentifier: settings.subnets.join(',') }),
        HealthCheckType: 'EC2',
        HealthCheckGracePeriod: GRACE,
        Tags: Object.entries(tags).map(([Key, Value]) => ({
          ...{ ResourceId: name, ResourceType: 'auto-scaling-group' },
          ...{ Key, Value, PropagateAtLaunch: true },
        })),
      },
      `${desired} ${roles.join(',')} nodes, and as many again as end`,
    ),
  );
}

/** Says only what is to be otherwise: what is said again would undo what others changed meanwhile. */
async function raise(job: FixedJob, cluster: AwsCluster, least: number): Promise<number> {
  const { context, roles } = job;
  const { target } = goalOf(cluster, { roles, count: { total: least } });
  const group = groupOf(cluster, roles);
  const changes = group === undefined ? [] : changesOf(job, group, desiredOf(cluster, roles, target));
  if (group === undefined || changes.length === 0) return target;
  const input = Object.assign({}, ...changes.map((change) => change.input)) as Partial<Update>;
  await whileSettling(context, () =>
    context.api.change(
      'autoscaling:UpdateAutoScalingGroup',
      { AutoScalingGroupName: group.name, ...input },
      changes.map(({ reason }) => reason).join('; '),
    ),
  );
  return target;
}

type Update = Input<'autoscaling:UpdateAutoScalingGroup'>;

function changesOf(
  job: FixedJob,
  group: AwsGroup,
  desired: number,
): { input: Partial<Update>; reason: string }[] {
  const { settings, template } = job;
  const { id, version } = group.template ?? {};
  const subnets = allSubnets(group, settings.subnets);
  return [
    ...(desired > group.desired
      ? [
          {
            input: { MaxSize: Math.max(group.max, desired), DesiredCapacity: desired },
            reason: `from ${group.desired} nodes to ${desired}`,
          },
        ]
      : []),
    ...(id === template.id && version === template.version
      ? []
      : [{ input: launchedBy(job), reason: `new ones by version ${template.version} of the template` }]),
    ...(subnets.length === group.subnets.length
      ? []
      : [{ input: { VPCZoneIdentifier: subnets.join(',') }, reason: 'in more subnets' }]),
  ];
}

/** The group's and those given: AWS ends the nodes in subnets that a group is no more in. */
function allSubnets(group: AwsGroup, given: readonly string[]): string[] {
  return [...new Set([...group.subnets, ...given])];
}

/** With several types, the first that has capacity, in their order. */
function launchedBy({ template, settings }: FixedJob): {
  LaunchTemplate?: AutoScaling.LaunchTemplateSpecification;
  MixedInstancesPolicy?: AutoScaling.MixedInstancesPolicy;
} {
  const specification = { LaunchTemplateName: template.name, Version: template.version };
  if (settings.instanceTypes.length === 1) return { LaunchTemplate: specification };
  return {
    MixedInstancesPolicy: {
      LaunchTemplate: {
        LaunchTemplateSpecification: specification,
        Overrides: settings.instanceTypes.map((InstanceType) => ({ InstanceType })),
      },
      InstancesDistribution: {
        OnDemandAllocationStrategy: 'prioritized',
        OnDemandPercentageAboveBaseCapacity: 100,
      },
    },
  };
}

async function findHidden(
  { api, clock, signal }: LaunchContext,
  cluster: string,
  roles: readonly string[],
  error: AwsError,
): Promise<AwsCluster> {
  const started = clock.now();
  for (;;) {
    const look = await describeCluster(api, cluster);
    if (groupOf(look, roles) !== undefined) return look;
    if (clock.now() - started >= PATIENCE) {
      throw new AwsError(`${error.message}; it has not the tags of cluster ${cluster}`, {
        awsCode: error.awsCode,
        hint: 'Another has a group of that name: name the cluster otherwise (--cluster), or delete that group.',
      });
    }
    await clock.sleep(INTERVAL, signal);
  }
}
