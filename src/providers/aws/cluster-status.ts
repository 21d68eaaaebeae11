import { type AwsApi, AwsError } from './api.js';
import { describeCluster, isLive } from './describe-cluster.js';
import { endedByOthers } from './ended-by-others.js';
import { readGroupFailures } from './group-failures.js';
import type { AwsCluster, AwsGroup, AwsInstance } from './types.js';

/** A cluster on AWS as it is now: the JSON of `launch status --provider aws`. */
export interface AwsStatus {
  provider: 'aws';
  cluster: string;
  region: string;
  /** Nobody can ask a node on AWS yet: `reason` says why. */
  kubernetes: { state: 'unknown'; reason: string };
  nodes: AwsNodeReport[];
  groups: AwsGroupReport[];
  /** Sentences on what is not as it should be; none: nothing AWS can tell is wrong. */
  problems: string[];
}

export interface AwsNodeReport extends Omit<AwsInstance, 'stateReason' | 'group' | 'publicAddress'> {
  /** Why it is in that state, where AWS says so. */
  reason: string | null;
  group: string | null;
  publicAddress: string | null;
  /** The worse of AWS's two status checks: `ok`, `initializing`, `impaired`; `null` where there is none. */
  checks: string | null;
}

export interface AwsGroupReport
  extends Pick<AwsGroup, 'name' | 'roles' | 'min' | 'max' | 'desired' | 'subnets'> {
  inService: number;
  status: string | null;
  /** Why it could not launch since it last could, newest first; asked only where instances are missing. */
  failures: { time: string; message: string }[];
}

/** The state nodes are in until they can be given their identity. */
const NOT_REACHABLE = 'nodes on AWS have no identity yet, so Kubernetes does not start on them';

/** How many instance ids DescribeInstanceStatus takes. */
const IDS_AT_ONCE = 100;

/**
 * What AWS knows of a cluster's nodes and groups, and what of it is wrong; `undefined` when there is nothing of such a cluster.
 *
 * @throws AwsError
 */
export async function readAwsStatus(api: AwsApi, name: string): Promise<AwsStatus | undefined> {
  const cluster = await describeCluster(api, name);
  const { groups: all, templates, volumes, networkInterfaces } = cluster;
  const things = [
    ...all,
    ...templates,
    ...volumes,
    ...networkInterfaces,
    ...cluster.instances.filter(isLive),
  ];
  if (things.length === 0) return undefined;
  const [checks, groups] = await Promise.all([
    readChecks(api, cluster),
    Promise.all(cluster.groups.map((group) => reportGroup(api, group))),
  ]);
  const nodes = cluster.instances.map((instance) => reportNode(instance, checks.get(instance.id)));
  return {
    provider: 'aws',
    cluster: name,
    region: cluster.region,
    kubernetes: { state: 'unknown', reason: NOT_REACHABLE },
    nodes,
    groups,
    problems: [
      ...nodes.flatMap((node) => nodeProblems(node, nodes)),
      ...groups.flatMap(groupProblems),
      ...leftovers(cluster),
    ],
  };
}

/** The worse of both checks of each running instance. */
async function readChecks(api: AwsApi, { instances }: AwsCluster): Promise<Map<string, string>> {
  const ids = instances.filter(({ state }) => state === 'running').map(({ id }) => id);
  const checks = new Map<string, string>();
  for (let at = 0; at < ids.length; at += IDS_AT_ONCE) {
    const InstanceIds = ids.slice(at, at + IDS_AT_ONCE);
    const page = await api.read('ec2:DescribeInstanceStatus', { InstanceIds }).catch(unlessGone);
    for (const { InstanceId = '', InstanceStatus, SystemStatus } of page?.InstanceStatuses ?? []) {
      const both = [InstanceStatus?.Status, SystemStatus?.Status];
      checks.set(InstanceId, both.find((status) => status !== 'ok') ?? 'ok');
    }
  }
  return checks;
}

/** An instance that ended since takes the answer on its neighbours with it; the next look has them. */
function unlessGone(error: unknown): undefined {
  if (error instanceof AwsError && error.awsCode === 'InvalidInstanceID.NotFound') return undefined;
  throw error;
}

async function reportGroup(api: AwsApi, group: AwsGroup): Promise<AwsGroupReport> {
  const { name, roles, min, max, desired, subnets, status } = group;
  const inService = group.instances.filter(({ lifecycle }) => lifecycle === 'InService').length;
  const failures = inService < desired ? await readGroupFailures(api, name) : [];
  return { name, roles, min, max, desired, inService, subnets, status: status ?? null, failures };
}

function reportNode(instance: AwsInstance, checks: string | undefined): AwsNodeReport {
  const { stateReason, group, publicAddress, ...rest } = instance;
  return {
    ...rest,
    reason: stateReason ?? null,
    group: group ?? null,
    publicAddress: publicAddress ?? null,
    checks: checks ?? null,
  };
}

function nodeProblems(node: AwsNodeReport, nodes: readonly AwsNodeReport[]): string[] {
  const { id, name, state, reason, checks, group, roles } = node;
  if (checks === 'impaired') {
    return [
      `${name} (${id}) fails AWS's own checks of the machine: \`launch logs ${id} --provider aws\` shows its console.`,
    ];
  }
  // A group replaces its own and says itself when it cannot.
  if (group !== null) return [];
  const replaced = nodes.some((other) => other.name === name && other.id !== id && other.state === 'running');
  if (replaced) return [];
  const role = roles.join(',');
  if (state === 'stopped' || state === 'stopping') {
    return [`${name} (${id}) is ${state}: start it in AWS, or terminate it and launch --role ${role} again.`];
  }
  if (state === 'terminated' && reason !== null && !endedByOthers(reason)) {
    return [`${name} (${id}) ended by itself: ${reason}. The same launch of --role ${role} replaces it.`];
  }
  return [];
}

function groupProblems({ name, desired, inService, status, failures }: AwsGroupReport): string[] {
  if (status !== null) return [`Group ${name} is being deleted.`];
  if (inService >= desired) return [];
  const [newest] = failures;
  const why = newest === undefined ? 'they are on their way' : `${newest.message.replace(/\.$/, '')}`;
  return [`Group ${name} has ${inService} of ${desired} nodes in service: ${why}.`];
}

/** A group's or a launch's remains. */
function leftovers({ volumes, networkInterfaces }: AwsCluster): string[] {
  const ids = [...volumes, ...networkInterfaces]
    .filter(({ state }) => state === 'available')
    .map(({ id }) => id);
  if (ids.length === 0) return [];
  return [
    `Left over from nodes that ended: ${ids.join(', ')}; \`launch destroy\` removes them with the cluster.`,
  ];
}
