import type { AwsApi } from './api.js';
import { isLive, managedFilter, toGroup, toInstance } from './describe-cluster.js';
import { readPages } from './read-pages.js';
import { CLUSTER_TAG } from './tags.js';

/** A cluster of a region, in one line. */
export interface AwsClusterSummary {
  name: string;
  region: string;
  /** Nodes that are there, by their roles: `{ master: 3, minion: 10 }`. */
  nodes: Record<string, number>;
  /** Names of its Auto Scaling groups. */
  groups: string[];
}

/** Every cluster of the region that anything kiln made is left of, by its tags. @throws AwsError */
export async function listAwsClusters(api: AwsApi): Promise<AwsClusterSummary[]> {
  const Filters = [managedFilter()];
  const [reservations, groups, templates] = await Promise.all([
    readPages(api, 'ec2:DescribeInstances', { Filters, MaxResults: 1000 }, (page) => page.Reservations),
    readPages(
      api,
      'autoscaling:DescribeAutoScalingGroups',
      { Filters, MaxRecords: 100 },
      (page) => page.AutoScalingGroups,
    ),
    readPages(
      api,
      'ec2:DescribeLaunchTemplates',
      { Filters, MaxResults: 200 },
      (page) => page.LaunchTemplates,
    ),
  ]);
  const clusters = new Map<string, AwsClusterSummary>();
  const at = (tags: Tags): AwsClusterSummary | undefined => clusterAt(clusters, tags, api.region);
  for (const { Tags } of templates) at(Tags);
  for (const group of groups) at(group.Tags)?.groups.push(toGroup(group).name);
  for (const each of reservations.flatMap(({ Instances = [] }) => Instances)) {
    const instance = toInstance(each);
    const cluster = isLive(instance) ? at(each.Tags) : undefined;
    if (cluster === undefined) continue;
    const role = instance.roles.join(',');
    cluster.nodes[role] = (cluster.nodes[role] ?? 0) + 1;
  }
  return [...clusters.values()].sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

type Tags = readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined;

/** The entry of the cluster these tags name; `undefined` for what is kiln's and of no cluster, as its builders. */
function clusterAt(
  clusters: Map<string, AwsClusterSummary>,
  tags: Tags,
  region: string,
): AwsClusterSummary | undefined {
  const name = tags?.find(({ Key }) => Key === CLUSTER_TAG)?.Value;
  if (name === undefined) return undefined;
  const found = clusters.get(name) ?? { name, region, nodes: {}, groups: [] };
  clusters.set(name, found);
  return found;
}
