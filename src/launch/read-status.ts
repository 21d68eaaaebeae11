import { readAdminAccess } from './admin-access.js';
import { clusterFiles } from './cluster-files.js';
import { openKubeApi } from './kube-api.js';
import { type KubernetesState, readKubernetes } from './read-kubernetes.js';
import type { Cluster, ClusterImage, ClusterNode, EtcdLayout, LocalRig } from './types.js';

/** A cluster as it is now: the JSON of `launch status`. */
export interface ClusterStatus {
  cluster: string;
  rig: LocalRig;
  image: ClusterImage;
  etcd: EtcdLayout;
  api: KubernetesState['api'] & { server: string };
  nodes: NodeReport[];
}

export interface NodeReport {
  name: string;
  roles: string[];
  address: string;
  machine: MachineState;
  kubernetes: {
    /** `not a node`: its roles run no kubelet; `not registered`: its kubelet has not reported yet. */
    state: 'Ready' | 'NotReady' | 'not registered' | 'not a node' | 'unknown';
    version: string | null;
    reason: string | null;
    /** ISO 8601, UTC: when its kubelet last said so. A node that ended stays Ready for some 40 seconds. */
    heard: string | null;
  };
  /** Its etcd member; `null` where none runs. */
  etcd: EtcdHealth | null;
  /** Names of its systemd units that failed and will not try again; `null` when it did not answer or was not asked. */
  failedUnits: string[] | null;
}

/** What a node says of itself once logged in to. `etcd` of a node without a member means nothing. */
export type NodeServices = Pick<NodeReport, 'failedUnits'> & { etcd: EtcdHealth };

export type EtcdHealth = 'healthy' | 'unhealthy' | 'unknown';

/** `not started`: its launch was cut short before its machine ran. `reason`: what its console said last. */
export interface MachineState {
  state: 'running' | 'stopped' | 'failed' | 'not started';
  reason: string | null;
}

/** How machines are looked at: the provider's part of a status. */
export interface MachineProbe {
  machine(node: ClusterNode): Promise<MachineState>;
  services(node: ClusterNode): Promise<NodeServices>;
}

const NOT_ASKED: NodeServices = { etcd: 'unknown', failedUnits: null };

/**
 * Everything that can be known of a cluster at this moment. What cannot be reached is a state, never an error.
 *
 * @param logIn the nodes that are asked for their services; each costs a login.
 */
export async function readStatus({
  cluster,
  probe,
  logIn = () => true,
}: {
  cluster: Cluster;
  probe: MachineProbe;
  logIn?: (node: ClusterNode) => boolean;
}): Promise<ClusterStatus> {
  const server = `https://127.0.0.1:${cluster.network.apiPort}`;
  const [kubernetes, nodes] = await Promise.all([
    askKubernetes(cluster),
    Promise.all(
      cluster.nodes.map(async (node) => {
        const machine = await probe.machine(node);
        const asked = logIn(node) && machine.state === 'running';
        return { node, machine, ...(asked ? await probe.services(node) : NOT_ASKED) };
      }),
    ),
  ]);
  return {
    cluster: cluster.name,
    rig: cluster.rig,
    image: cluster.image,
    etcd: cluster.etcd,
    api: { ...kubernetes.api, server },
    nodes: nodes.map(({ node, machine, etcd, failedUnits }) => ({
      name: node.name,
      roles: node.roles,
      address: node.address,
      machine,
      kubernetes: kubernetesOf(node, kubernetes),
      etcd: hasEtcd(node, cluster) ? etcd : null,
      failedUnits,
    })),
  };
}

/** Whether a member of the cluster's etcd runs on the node. */
function hasEtcd({ roles }: ClusterNode, { etcd }: Cluster): boolean {
  return roles.includes(etcd.placement === 'stacked' ? 'master' : 'etcd');
}

async function askKubernetes({ name }: Cluster): Promise<KubernetesState> {
  const access = await readAdminAccess(clusterFiles(name).kubeconfig).catch(() => undefined);
  if (access === undefined) {
    const detail = 'the kubeconfig cannot be read: `launch kubeconfig` writes it';
    return { api: { state: 'unreachable', detail }, nodes: undefined };
  }
  const api = openKubeApi(access);
  try {
    return await readKubernetes(api);
  } finally {
    api.close();
  }
}

function kubernetesOf({ name, roles }: ClusterNode, { nodes }: KubernetesState): NodeReport['kubernetes'] {
  const found = nodes?.get(name);
  if (found !== undefined) {
    const { ready, version, reason, heard } = found;
    return { state: ready ? 'Ready' : 'NotReady', version, reason, heard };
  }
  const none = { version: null, reason: null, heard: null };
  if (!roles.includes('minion')) return { state: 'not a node', ...none };
  return { state: nodes === undefined ? 'unknown' : 'not registered', ...none };
}
