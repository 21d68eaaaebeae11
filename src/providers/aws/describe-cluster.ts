import type * as AutoScaling from '@aws-sdk/client-auto-scaling';
import type * as Ec2 from '@aws-sdk/client-ec2';
import type { AwsApi } from './api.js';
import { readPages } from './read-pages.js';
import { CLUSTER_TAG, MANAGED_BY, ROLE_TAG } from './tags.js';
import type { AwsCluster, AwsGroup, AwsInstance, AwsTemplate } from './types.js';

/** The tag Auto Scaling itself puts on the instances of a group. */
const GROUP_TAG = 'aws:autoscaling:groupName';

/**
 * Everything of a cluster that kiln made in the region, by its tags: all pages, and terminated instances for as long as AWS
 * shows them. Both tags are looked at here again, since what is found is removed by `destroy`: an endpoint that does not filter
 * makes nobody else's things this cluster's. A dry run, which reads nothing, finds an empty cluster.
 *
 * @throws AwsError
 */
export async function describeCluster(api: AwsApi, name: string): Promise<AwsCluster> {
  const Filters = clusterFilters(name);
  const isIts = ({ Tags }: { Tags?: Tags }): boolean => isOfCluster(Tags, name);
  const [reservations, groups, templates, volumes, interfaces] = await Promise.all([
    readPages(api, 'ec2:DescribeInstances', { Filters, MaxResults: 1000 }, (page) =>
      page.Reservations?.map((each) => ({ ...each, Instances: each.Instances?.filter(isIts) ?? [] })),
    ),
    readPages(api, 'autoscaling:DescribeAutoScalingGroups', { Filters, MaxRecords: 100 }, (page) =>
      page.AutoScalingGroups?.filter(isIts),
    ),
    readPages(api, 'ec2:DescribeLaunchTemplates', { Filters, MaxResults: 200 }, (page) =>
      page.LaunchTemplates?.filter(isIts),
    ),
    readPages(api, 'ec2:DescribeVolumes', { Filters, MaxResults: 500 }, (page) =>
      page.Volumes?.filter(isIts),
    ),
    readPages(api, 'ec2:DescribeNetworkInterfaces', { Filters, MaxResults: 1000 }, (page) =>
      page.NetworkInterfaces?.filter(({ TagSet }) => isIts({ Tags: TagSet })),
    ),
  ]);
  const instances = reservations.flatMap(({ Instances }) => Instances).map(toInstance);
  const live = new Set(instances.filter(isLive).map(({ id }) => id));
  // Those of a live instance go with it.
  const isLoose = (instanceId: string | undefined): boolean =>
    instanceId === undefined || !live.has(instanceId);
  return {
    name,
    region: api.region,
    account: accountOf([
      ...reservations.filter(({ Instances }) => Instances.length > 0),
      ...[...interfaces, ...volumes],
      ...groups.map(({ AutoScalingGroupARN }) => ({ arn: AutoScalingGroupARN })),
      ...templates.map(({ CreatedBy }) => ({ arn: CreatedBy })),
    ]),
    instances: instances.sort(byRoleAndName),
    groups: groups.map(toGroup).sort(byName),
    templates: templates.map(toTemplate).sort(byName),
    volumes: volumes.filter(({ Attachments }) => isLoose(Attachments?.[0]?.InstanceId)).map(toVolume),
    networkInterfaces: interfaces
      .filter(({ Attachment }) => isLoose(Attachment?.InstanceId))
      .map(toInterface),
  };
}

/** It costs money, or is about to come back: everything but terminated. */
export function isLive({ state }: AwsInstance): boolean {
  return state !== 'terminated';
}

/** What AWS is asked for: things of this cluster, and of those only what kiln made. */
export function clusterFilters(name: string): { Name: string; Values: string[] }[] {
  return [{ Name: `tag:${CLUSTER_TAG}`, Values: [name] }, managedFilter()];
}

/** What kiln made, of whatever cluster. */
export function managedFilter(): { Name: string; Values: string[] } {
  return { Name: `tag:${MANAGED_BY.key}`, Values: [MANAGED_BY.value] };
}

/** Whether both tags are there; the one of a cluster alone is also on what Kubernetes makes. */
function isOfCluster(tags: Tags, name: string): boolean {
  return tagOf(tags, CLUSTER_TAG) === name && tagOf(tags, MANAGED_BY.key) === MANAGED_BY.value;
}

/** The account of the first thing that says one, itself or in the name AWS gives it: `arn:aws:autoscaling:…:111122223333:…`. */
function accountOf(
  things: readonly { OwnerId?: string | undefined; arn?: string | undefined }[],
): string | undefined {
  const accounts = things.map(
    ({ OwnerId, arn }) => OwnerId ?? /^arn:(?:[^:]*:){3}(\d{12}):/.exec(arn ?? '')?.[1],
  );
  return accounts.find((account) => account !== undefined);
}

/** An instance as the rest of kiln sees it. */
export function toInstance(instance: Ec2.Instance): AwsInstance {
  const { InstanceId = '', Tags, State, StateReason } = instance;
  return {
    id: InstanceId,
    name: tagOf(Tags, 'Name') ?? InstanceId,
    roles: rolesOf(Tags),
    state: State?.Name ?? 'pending',
    stateReason: reasonOf(StateReason),
    type: instance.InstanceType ?? '',
    subnet: instance.SubnetId,
    zone: instance.Placement?.AvailabilityZone,
    address: instance.PrivateIpAddress,
    publicAddress: instance.PublicIpAddress || undefined,
    imageId: instance.ImageId ?? '',
    launched: instance.LaunchTime?.toISOString() ?? '',
    group: tagOf(Tags, GROUP_TAG),
  };
}

/** AWS's own messages begin with the code; others' need not. */
function reasonOf({ Code = '', Message = '' }: Ec2.StateReason = {}): string | undefined {
  const whole = Message.startsWith(Code) ? Message : `${Code}: ${Message}`;
  return whole === '' ? undefined : whole;
}

/** An Auto Scaling group as the rest of kiln sees it. */
export function toGroup(group: AutoScaling.AutoScalingGroup): AwsGroup {
  // A group of several instance types has it further in.
  const { LaunchTemplateId: id, Version: version } =
    group.LaunchTemplate ?? group.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification ?? {};
  return {
    name: group.AutoScalingGroupName ?? '',
    roles: rolesOf(group.Tags),
    min: group.MinSize ?? 0,
    max: group.MaxSize ?? 0,
    desired: group.DesiredCapacity ?? 0,
    template: id === undefined || version === undefined ? undefined : { id, version },
    subnets: (group.VPCZoneIdentifier ?? '').split(',').filter((subnet) => subnet !== ''),
    status: group.Status,
    instances: (group.Instances ?? []).map(({ InstanceId, LifecycleState, HealthStatus }) => ({
      id: InstanceId ?? '',
      lifecycle: LifecycleState ?? '',
      health: HealthStatus ?? '',
    })),
  };
}

function toTemplate(template: Ec2.LaunchTemplate): AwsTemplate {
  return {
    id: template.LaunchTemplateId ?? '',
    name: template.LaunchTemplateName ?? '',
    roles: rolesOf(template.Tags),
    latestVersion: template.LatestVersionNumber ?? 0,
  };
}

function toVolume(volume: Ec2.Volume): AwsCluster['volumes'][number] {
  return { id: volume.VolumeId ?? '', state: volume.State ?? '' };
}

function toInterface(each: Ec2.NetworkInterface): AwsCluster['networkInterfaces'][number] {
  return { id: each.NetworkInterfaceId ?? '', state: each.Status ?? '' };
}

type Tags = readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined;

function tagOf(tags: Tags, key: string): string | undefined {
  return tags?.find(({ Key }) => Key === key)?.Value;
}

/** `master-minion` → both; nothing kiln makes is without. */
function rolesOf(tags: Tags): string[] {
  return tagOf(tags, ROLE_TAG)?.split('-') ?? [];
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name.localeCompare(b.name, 'en', { numeric: true });
}

/** Nodes of one name (a group's) by age, then by id: the same order each time. */
function byRoleAndName(a: AwsInstance, b: AwsInstance): number {
  return (
    a.roles.join('-').localeCompare(b.roles.join('-'), 'en') ||
    byName(a, b) ||
    a.launched.localeCompare(b.launched, 'en') ||
    a.id.localeCompare(b.id, 'en')
  );
}
