import { detectAccelerator } from '../boot/detect-accelerator.js';
import type { Gate } from '../gate/gate.js';
import type { Identity } from '../identity/identity.js';
import { identityBundle } from '../identity/identity-bundle.js';
import { makeIdentityDisk } from '../identity/identity-disk.js';
import type { Progress } from '../progress.js';
import {
  ensureNetwork,
  loginVendorData,
  makeSshKey,
  nodeFolder,
  nodeStatus,
  startNode,
} from '../providers/local/local-provider.js';
import { clusterEnvironment } from './cluster-environment.js';
import { clusterFiles } from './cluster-files.js';
import { writeCluster } from './cluster-store.js';
import { ensureIdentity } from './ensure-identity.js';
import { renderMetaData, renderUserData } from './render-user-data.js';
import type { Cluster, ClusterNode } from './types.js';
import { writeKubeconfig } from './write-kubeconfig.js';

interface Launching {
  gate: Gate;
  progress: Progress;
  folder: string;
  identity: Identity;
  /** Whether its machines are slower than real ones. */
  emulated: boolean;
  /** What lets `launch console` and `launch logs` in. */
  vendorData: string;
}

/**
 * Makes the cluster's folder, secrets and network if they are not there, and starts those of these nodes that do not
 * run. Every step may be done again, so a launch cut short anywhere is finished by the next. Returns the cluster as it is then,
 * and when each node that did not run was started, in milliseconds since 1970.
 *
 * @param cluster with the new nodes in it, as it was written down.
 */
export async function launchNodes({
  gate,
  progress,
  cluster,
  nodes,
}: {
  gate: Gate;
  progress: Progress;
  cluster: Cluster;
  nodes: readonly ClusterNode[];
}): Promise<{ cluster: Cluster; since: Map<string, number> }> {
  const { folder, kubeconfig } = clusterFiles(cluster.name);
  progress.step(`Preparing cluster ${cluster.name}`);
  const identity = await ensureIdentity(gate, cluster);
  await writeKubeconfig({ gate, cluster, identity, file: kubeconfig });
  const emulated = await isEmulated(gate, cluster);
  const vendorData = loginVendorData({ publicKey: await makeSshKey({ gate, folder }) });
  // Names too: etcd forms from them, so all must be known before the first node asks.
  await ensureNetwork({ gate, progress, folder, cluster });
  const since = new Map<string, number>();
  let current = cluster;
  for (const node of nodes) {
    if (!(await isRunning(current, node))) {
      progress.step(`Starting ${node.name} (${node.roles.join(', ')}) at ${node.address}`);
      since.set(node.name, Date.now());
      await start(current, node, { gate, progress, folder, identity, emulated, vendorData });
    }
    if (node.started !== undefined) continue;
    current = withStarted(current, node.name);
    await writeCluster(gate, current);
  }
  return { cluster: current, since };
}

/** A dry run does not find out: it starts no program. */
async function isEmulated(gate: Gate, { rig }: Cluster): Promise<boolean> {
  return rig === 'uml' || (!gate.dryRun && (await detectAccelerator(gate)) === 'tcg');
}

/** Everything a node is told by its user data. */
export function userDataOf(cluster: Cluster, { roles }: ClusterNode): string {
  return renderUserData({ roles, cluster: cluster.name });
}

async function isRunning(cluster: Cluster, { name }: ClusterNode): Promise<boolean> {
  const { folder } = clusterFiles(cluster.name);
  return (await nodeStatus({ folder, cluster, node: name })).state === 'running';
}

async function start(
  cluster: Cluster,
  node: ClusterNode,
  { gate, progress, folder, identity, emulated, vendorData }: Launching,
): Promise<void> {
  const identityDisk = await makeIdentityDisk({
    gate,
    folder: nodeFolder(folder, node.name),
    files: identityBundle({
      identity,
      roles: node.roles,
      clusterEnv: clusterEnvironment(cluster, { emulated }),
    }),
  });
  await startNode({
    gate,
    progress,
    folder,
    cluster: { ...cluster, image: node.image ?? cluster.image },
    node: node.name,
    userData: userDataOf(cluster, node),
    metaData: renderMetaData({ instanceId: instanceId(cluster, node), hostname: node.name }),
    vendorData,
    identityDisk,
  });
}

/** The same at every start of one node, never the same for two: cloud-init takes a new one for a new machine. */
function instanceId({ name }: Cluster, node: ClusterNode): string {
  return `${name}-${node.name}-${Date.parse(node.created).toString(36)}`;
}

function withStarted(cluster: Cluster, name: string): Cluster {
  const started = new Date().toISOString();
  return {
    ...cluster,
    nodes: cluster.nodes.map((node) => (node.name === name ? { ...node, started } : node)),
  };
}
