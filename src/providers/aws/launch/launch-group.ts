import type * as AutoScaling from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../api.js';
import { describeCluster } from '../describe-cluster.js';
import { roleName } from '../tags.js';
import type { AwsCluster, AwsGroup } from '../types.js';
import type { LaunchContext } from './context.js';
import type { FixedJob } from './launch-fixed.js';
import { nodesOf } from './node-count.js';
import { whileSettling } from './settle.js';
import { nodeTags, sharedName } from './template-data.js';

/** Seconds a node may take to boot before it counts as unhealthy. */
const GRACE = 300;
/** Milliseconds until AWS shows a group that it says exists. */
const PATIENCE = 60_000;
const INTERVAL = 2_000;

/**
 * Makes the role's Auto Scaling group, or raises it, to so many nodes; those of the role outside of the group count. It is
 * never made smaller.
 *
 * @throws AwsError
 */
export async function launchGroup(
  job: FixedJob,
  { cluster, target }: { cluster: AwsCluster; target: number },
): Promise<void> {
  const group = groupOf(cluster, job.roles);
  const desired = desiredOf(cluster, job.roles, target);
  if (group !== undefined) return await raise(job, group, desired);
  try {
    await create(job, cluster.name, desired);
  } catch (error) {
    if (!(error instanceof AwsError) || !error.awsCode.startsWith('AlreadyExists')) throw error;
    // A launch that was cut short made it, and AWS did not show it yet.
    await raise(job, await findHidden(job.context, cluster.name, job.roles, error), desired);
  }
}

export function groupOf({ name, groups }: AwsCluster, roles: readonly string[]): AwsGroup | undefined {
  return groups.find((group) => group.name === roleName(name, roles));
}

/** Nodes the group is to have. */
export function desiredOf(cluster: AwsCluster, roles: readonly string[], target: number): number {
  const group = groupOf(cluster, roles);
  const outside = nodesOf(cluster, roles).filter(
    (node) => node.group !== group?.name || node.group === undefined,
  );
  return Math.max(group?.desired ?? 0, target - outside.length);
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

async function raise(job: FixedJob, group: AwsGroup, desired: number): Promise<void> {
  const { context, settings, template } = job;
  const same =
    group.desired === desired &&
    group.template?.id === template.id &&
    group.template?.version === template.version &&
    group.subnets.join() === settings.subnets.join();
  if (same) return;
  await whileSettling(context, () =>
    context.api.change(
      'autoscaling:UpdateAutoScalingGroup',
      {
        AutoScalingGroupName: group.name,
        MaxSize: Math.max(group.max, desired),
        DesiredCapacity: desired,
        ...launchedBy(job),
        VPCZoneIdentifier: settings.subnets.join(','),
      },
      `from ${group.desired} nodes to ${desired}; new ones by version ${template.version} of the template`,
    ),
  );
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
): Promise<AwsGroup> {
  const started = clock.now();
  for (;;) {
    const group = groupOf(await describeCluster(api, cluster), roles);
    if (group !== undefined) return group;
    if (clock.now() - started >= PATIENCE) {
      throw new AwsError(`${error.message}; it has not the tags of cluster ${cluster}`, {
        awsCode: error.awsCode,
        hint: 'Another has a group of that name: name the cluster otherwise (--cluster), or delete that group.',
      });
    }
    await clock.sleep(INTERVAL, signal);
  }
}
