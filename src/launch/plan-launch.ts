import { KilnError } from '../errors.js';
import { defaultMemory, nextAddress, nextMac } from '../providers/local/node/node-defaults.js';
import { isSameImage } from './is-same-image.js';
import type { LaunchRequest } from './parse-request.js';
import { planEtcd } from './plan-etcd.js';
import type { Cluster, ClusterImage, ClusterNode, LocalNetwork } from './types.js';

/** What one launch does, worked out before anything is changed. */
export interface LaunchPlan {
  /** As it is to be written before the first new node starts. */
  cluster: Cluster;
  /** Nodes the request is about, in the cluster's order: they shall run when the launch is done. */
  nodes: ClusterNode[];
  /** Those of `nodes` that are new in this launch. */
  added: ClusterNode[];
  /** Sentences for the person; nothing is refused for them. */
  warnings: string[];
}

/**
 * The nodes a launch adds to a cluster (or to the one it founds), and those it is about; pure but for the chance in
 * hardware addresses.
 *
 * @throws KilnError LAUNCH_REFUSED for what this cluster cannot become, with the mend.
 */
export function planLaunch({
  request,
  cluster,
  image,
  network,
  now,
}: {
  request: LaunchRequest;
  /** `undefined`: the launch founds it. */
  cluster: Cluster | undefined;
  /** What new nodes boot. */
  image: ClusterImage;
  /** Of a cluster to be founded. */
  network: LocalNetwork;
  now: Date;
}): LaunchPlan {
  const known = (cluster?.nodes ?? []).map((node) => withMemory(node, request));
  const alike = known.filter((node) => haveSame(node.roles, request.roles));
  const missing = countMissing(request, alike);
  const { etcd, warnings } = planEtcd({ request, cluster, size: alike.length + missing });
  checkRig(request, cluster);
  const next: Cluster = {
    ...(cluster ?? found(request, image, network, now)),
    etcd,
    nodes: [...known],
  };
  const added: ClusterNode[] = [];
  while (added.length < missing) {
    const node = newNode({ request, cluster: next, image, now });
    added.push(node);
    next.nodes.push(node);
  }
  // With +N only what an earlier launch left unfinished is this one's business, besides what it adds.
  const old = 'total' in request.count ? alike : alike.filter(({ started }) => started === undefined);
  return { cluster: next, nodes: [...old, ...added], added, warnings };
}

function found(
  { cluster, rig = 'qemu' }: LaunchRequest,
  image: ClusterImage,
  network: LocalNetwork,
  now: Date,
): Omit<Cluster, 'etcd' | 'nodes'> {
  return { name: cluster, provider: 'local', rig, image, network, created: now.toISOString() };
}

/** What never ran takes the memory asked for now: the launch that planned it may have been refused for the old one. */
function withMemory(node: ClusterNode, { roles, memoryMiB }: LaunchRequest): ClusterNode {
  if (memoryMiB === undefined || node.started !== undefined || !haveSame(node.roles, roles)) return node;
  return { ...node, memoryMiB };
}

/** A launch that was cut short and is repeated finishes its nodes instead of adding as many again. */
function countMissing({ count }: LaunchRequest, alike: readonly ClusterNode[]): number {
  if ('total' in count) return Math.max(0, count.total - alike.length);
  const unfinished = alike.filter(({ started }) => started === undefined).length;
  return Math.max(0, count.more - unfinished);
}

function checkRig({ rig }: LaunchRequest, cluster: Cluster | undefined): void {
  if (cluster === undefined || rig === undefined || rig === cluster.rig) return;
  throw new KilnError('LAUNCH_REFUSED', `Cluster ${cluster.name} runs on ${cluster.rig}, not on ${rig}`, {
    hint: `Leave --rig out, or launch another cluster: --cluster NAME --rig ${rig}.`,
  });
}

function newNode({
  request,
  cluster,
  image,
  now,
}: {
  request: LaunchRequest;
  cluster: Cluster;
  image: ClusterImage;
  now: Date;
}): ClusterNode {
  return {
    name: nextName(request.roles, cluster.nodes),
    roles: request.roles,
    address: nextAddress(cluster.nodes),
    mac: nextMac(cluster.nodes),
    memoryMiB: request.memoryMiB ?? defaultMemory({ roles: request.roles, rig: cluster.rig }),
    created: now.toISOString(),
    ...(isSameImage(image, cluster.image) ? {} : { image }),
  };
}

/** `master-1`, `master-minion-1`: numbers count up; one that was used is not given again while a later one lives. */
function nextName(roles: readonly string[], nodes: readonly ClusterNode[]): string {
  const prefix = roles.join('-');
  const numbers = nodes
    .filter((node) => node.name.startsWith(`${prefix}-`))
    .map((node) => Number(node.name.slice(prefix.length + 1)))
    .filter(Number.isInteger);
  return `${prefix}-${Math.max(0, ...numbers) + 1}`;
}

function haveSame(left: readonly string[], right: readonly string[]): boolean {
  return left.join() === right.join();
}
