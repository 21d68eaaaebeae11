import type * as Ec2 from '@aws-sdk/client-ec2';
import { CLUSTER_TAG, clusterOwnedTag } from '../tags.js';
import type { AwsSettings } from '../types.js';
import type { Finding } from './finding.js';
import { isWorld, openSources } from './open-sources.js';

interface NetworkFacts {
  cluster: string;
  settings: AwsSettings;
  subnets: readonly Ec2.Subnet[];
  groups: readonly Ec2.SecurityGroup[];
  /** Nodes to be launched. */
  missing: number;
}

/** What speaks against launching into these subnets and security groups. */
export function checkNetwork(facts: NetworkFacts): Finding[] {
  return [
    ...unknownIds(facts),
    ...checkOneVpc(facts),
    ...checkAddresses(facts),
    ...checkClusterTags(facts),
    ...checkOpen(facts),
  ];
}

/** Needs nothing of the account. */
export function checkAdminCidrs({ adminCidrs }: Pick<AwsSettings, 'adminCidrs'>): Finding[] {
  return adminCidrs.filter(isWorld).map((cidr) => ({
    forcible: true,
    text: `the admin CIDR ${cidr} is the whole internet: give your own addresses`,
  }));
}

function unknownIds({ settings, subnets, groups }: NetworkFacts): Finding[] {
  const { region } = settings;
  const known = new Set([
    ...subnets.map(({ SubnetId }) => SubnetId),
    ...groups.map(({ GroupId }) => GroupId),
  ]);
  return [
    ...settings.subnets
      .filter((id) => !known.has(id))
      .map((id) => ({ text: `there is no subnet ${id} in ${region}` })),
    ...settings.securityGroups
      .filter((id) => !known.has(id))
      .map((id) => ({ text: `there is no security group ${id} in ${region}` })),
  ];
}

function checkOneVpc({ subnets, groups }: NetworkFacts): Finding[] {
  const vpcs = distinct(subnets.map(({ VpcId }) => VpcId));
  const [vpc] = vpcs;
  if (vpcs.length > 1) return [{ text: `the subnets are of several networks: ${vpcs.join(', ')}` }];
  return groups
    .filter(({ VpcId }) => vpc !== undefined && VpcId !== vpc)
    .map(({ GroupId, VpcId }) => ({
      text: `security group ${GroupId} is of ${VpcId}, the subnets are of ${vpc}`,
    }));
}

/** Full subnets are passed over, so it is their sum that counts. */
function checkAddresses({ subnets, missing }: NetworkFacts): Finding[] {
  const free = subnets.reduce((sum, { AvailableIpAddressCount = 0 }) => sum + AvailableIpAddressCount, 0);
  if (subnets.length === 0 || free >= missing) return [];
  return [{ text: `${missing} nodes need an address each; the subnets have ${free} free` }];
}

/** Kubernetes makes rules in the one group with the cluster's tag, and makes no load balancer when there are two. */
function checkClusterTags({ cluster, groups }: NetworkFacts): Finding[] {
  const tagged = groups
    .map((group) => ({ id: group.GroupId, clusters: clustersOf(group) }))
    .filter(({ clusters }) => clusters.length > 0);
  const others = tagged.filter(({ clusters }) => clusters.some((name) => name !== cluster));
  return [
    ...(tagged.length > 1
      ? [
          {
            text: `more than one security group has a cluster's tag (${tagged.map(({ id }) => id).join(', ')}): load balancers would never come up; leave the tag on one`,
          },
        ]
      : []),
    ...others.map(({ id, clusters }) => ({
      text: `security group ${id} is tagged for ${clusters.join(', ')}, not for ${cluster} (${CLUSTER_TAG}, ${clusterOwnedTag(cluster)})`,
    })),
  ];
}

/** Clusters a group says it belongs to, by both of the tags there are for it. */
function clustersOf({ Tags = [] }: Ec2.SecurityGroup): string[] {
  const prefix = clusterOwnedTag('');
  return distinct(
    Tags.map(({ Key = '', Value }) =>
      Key === CLUSTER_TAG ? Value : Key.startsWith(prefix) ? Key.slice(prefix.length) : undefined,
    ),
  );
}

function checkOpen({ groups }: NetworkFacts): Finding[] {
  return groups.flatMap((group) =>
    openSources(group).map(({ ports, source }) => ({
      forcible: true as const,
      text: `security group ${group.GroupId} lets ${source} in, the whole internet, to ${ports}`,
    })),
  );
}

function distinct(words: readonly (string | undefined)[]): string[] {
  return [...new Set(words.filter((word) => word !== undefined))];
}
