import type { Cluster } from './types.js';

/** `cluster.env` on the identity disk of every node: what of the cluster is no secret and not in its DNS names. */
export function clusterEnvironment({ name, etcd }: Pick<Cluster, 'name' | 'etcd'>): Record<string, string> {
  return { CLUSTER_NAME: name, ETCD_PLACEMENT: etcd.placement, ETCD_SIZE: `${etcd.size}` };
}
