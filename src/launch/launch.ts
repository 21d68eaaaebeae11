import { existsSync } from 'node:fs';
import type { FinishedImage } from '../build/image-folder.js';
import { KilnError } from '../errors.js';
import type { Gate } from '../gate/gate.js';
import type { Progress } from '../progress.js';
import { freeApiPort, namespaceFile, namespaceName, nodeStatus } from '../providers/local/local-provider.js';
import { requireTools } from '../tools/check-tools.js';
import { requireRoot } from '../tools/require-root.js';
import { checkMemory } from './check-memory.js';
import { chooseImage, openClusterImage } from './choose-image.js';
import { clusterFiles } from './cluster-files.js';
import { withClusterLock, withFoundingLock } from './cluster-lock.js';
import { listClusterNames, readCluster, writeCluster } from './cluster-store.js';
import { launchNodes } from './launch-nodes.js';
import type { LaunchRequest } from './parse-request.js';
import { type LaunchPlan, planLaunch } from './plan-launch.js';
import { checkRoles } from './role-conflicts.js';
import type { Cluster, ClusterNode, LocalNetwork } from './types.js';

interface LaunchOptions {
  gate: Gate;
  progress: Progress;
  request: LaunchRequest;
  /** Folder of the image for new nodes; `undefined`: the cluster's own, at first the newest below `out`. */
  image: string | undefined;
  out: string;
}

/**
 * Launches the nodes asked for: everything is checked before anything is changed, the cluster is written down before the
 * first node starts, and a launch that was cut short is finished by the next of the same words.
 *
 * @throws KilnError LAUNCH_REFUSED, CLUSTER_BUSY, IMAGE_INVALID, TOOL_MISSING, ROOT_NEEDED
 */
export async function launch(options: LaunchOptions): Promise<LaunchPlan> {
  const { gate, progress, request } = options;
  if (gate.dryRun) return await work();
  return await withClusterLock(request.cluster, work);

  async function work(): Promise<LaunchPlan> {
    const plan = gate.dryRun
      ? await foundOrExtend(options)
      : await withFoundingLock(() => foundOrExtend(options));
    const cluster = await launchNodes({ gate, progress, cluster: plan.cluster, nodes: plan.nodes });
    return { ...plan, cluster };
  }
}

async function foundOrExtend(options: LaunchOptions): Promise<LaunchPlan> {
  const { gate, request } = options;
  const cluster = await readCluster(request.cluster);
  const image = await chooseImage({ ...options, cluster });
  checkRoles(request.roles, image.plan);
  const plan = planLaunch({
    request,
    cluster,
    image: { folder: image.folder, id: image.manifest.imageId },
    network: cluster?.network ?? (await newNetwork(request.cluster)),
    now: new Date(),
  });
  await checkStart(options, plan);
  await writeCluster(gate, plan.cluster);
  return { ...plan, warnings: [...plan.warnings, ...imageWarnings(image, plan)] };
}

/** @throws KilnError LAUNCH_REFUSED when a cluster of that name runs that another state folder knows. */
async function newNetwork(cluster: string): Promise<LocalNetwork> {
  const namespace = namespaceName(cluster);
  if (existsSync(namespaceFile(namespace))) {
    throw new KilnError('LAUNCH_REFUSED', `The network namespace ${namespace} is there already`, {
      hint: `A cluster ${cluster} was launched with another state folder ($XDG_STATE_HOME, or by another user): destroy it from there, or take another name.`,
    });
  }
  const others = await Promise.all(
    (await listClusterNames()).map((name) => readCluster(name).catch(() => undefined)),
  );
  const taken = others.flatMap((other) => (other === undefined ? [] : [other.network.apiPort]));
  return { namespace, apiPort: await freeApiPort(taken) };
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
