import type { FinishedImage } from '../build/image-folder.js';
import type { Gate } from '../gate/gate.js';
import type { Progress } from '../progress.js';
import { nodeStatus } from '../providers/local/local-provider.js';
import { requireTools } from '../tools/check-tools.js';
import { requireRoot } from '../tools/require-root.js';
import { checkMemory } from './check-memory.js';
import { chooseImage, clusterImage, openClusterImage } from './choose-image.js';
import { chooseNetwork } from './choose-network.js';
import { clusterFiles } from './cluster-files.js';
import { withClusterLock, withFoundingLock } from './cluster-lock.js';
import { readCluster, writeCluster } from './cluster-store.js';
import { launchNodes } from './launch-nodes.js';
import type { LaunchRequest } from './parse-request.js';
import { type LaunchPlan, planLaunch } from './plan-launch.js';
import { checkRoles } from './role-conflicts.js';
import type { Cluster, ClusterNode } from './types.js';

interface LaunchOptions {
  gate: Gate;
  progress: Progress;
  request: LaunchRequest;
  /** Folder of the image for new nodes; `undefined`: the cluster's own, at first the newest below `out`. */
  image: string | undefined;
  out: string;
}

/** A launch that is done. */
export interface Launched extends LaunchPlan {
  /** When the nodes it started were, by name, in milliseconds since 1970. */
  since: ReadonlyMap<string, number>;
}

/**
 * Launches the nodes asked for: everything is checked before anything is changed, the cluster is written down before the
 * first node starts, and a launch that was cut short is finished by the next of the same words.
 *
 * @throws KilnError LAUNCH_REFUSED, CLUSTER_BUSY, IMAGE_INVALID, TOOL_MISSING, ROOT_NEEDED
 */
export async function launch(options: LaunchOptions): Promise<Launched> {
  const { gate, progress, request } = options;
  if (gate.dryRun) return await work();
  return await withClusterLock(request.cluster, work);

  async function work(): Promise<Launched> {
    const plan = gate.dryRun
      ? await foundOrExtend(options)
      : await withFoundingLock(() => foundOrExtend(options));
    return { ...plan, ...(await launchNodes({ gate, progress, cluster: plan.cluster, nodes: plan.nodes })) };
  }
}

async function foundOrExtend(options: LaunchOptions): Promise<LaunchPlan> {
  const { gate, request } = options;
  const known = await readCluster(request.cluster);
  const network = await chooseNetwork(request.cluster, known);
  const cluster = known === undefined ? undefined : { ...known, network };
  const image = await chooseImage({ ...options, cluster });
  checkRoles(request.roles, image.plan);
  const plan = planLaunch({
    request,
    cluster,
    image: clusterImage(image),
    network,
    now: new Date(),
  });
  await checkStart(options, plan);
  await writeCluster(gate, plan.cluster);
  const warnings = [...plan.warnings, ...imageWarnings(image, plan), ...portWarnings(known, plan)];
  return { ...plan, warnings };
}

/** What this machine must have for it. A dry run is for any machine. */
async function checkStart({ gate }: LaunchOptions, { cluster, nodes }: LaunchPlan): Promise<void> {
  const starting = await whichDoNotRun(cluster, nodes);
  for (const image of new Set(starting.map((node) => node.image ?? cluster.image)))
    await openClusterImage(image);
  if (gate.dryRun) return;
  requireTools('launch');
  requireTools(`launch --rig ${cluster.rig}`);
  requireRoot('A local cluster has a network of its own, and making one needs root');
  await checkMemory(starting);
}

async function whichDoNotRun(cluster: Cluster, nodes: readonly ClusterNode[]): Promise<ClusterNode[]> {
  const { folder } = clusterFiles(cluster.name);
  const states = await Promise.all(nodes.map(({ name }) => nodeStatus({ folder, cluster, node: name })));
  return nodes.filter((_node, index) => states[index]?.state !== 'running');
}

function imageWarnings(
  { plan: { spec }, manifest }: FinishedImage,
  { cluster, added }: LaunchPlan,
): string[] {
  const other = added.length > 0 && manifest.imageId !== cluster.image.id;
  return [
    ...(other
      ? [`New nodes boot ${spec.os} with Kubernetes ${spec.kubernetes}, not the cluster's image.`]
      : []),
    ...(spec.network === 'none'
      ? ['The image has no pod network: nodes become Ready only when you install one.']
      : []),
  ];
}

/** What was written for others is theirs to write again. */
function portWarnings(known: Cluster | undefined, { cluster }: LaunchPlan): string[] {
  const { apiPort } = cluster.network;
  if (known === undefined || known.network.apiPort === apiPort) return [];
  return [
    `Another program has port ${known.network.apiPort}: the API is on port ${apiPort} from now on. Write kubeconfigs made with --out again: \`launch kubeconfig --out FILE\`.`,
  ];
}
