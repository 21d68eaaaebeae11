import { loadLocalCatalog } from '../catalog/local.js';
import type { Cluster } from './types.js';

/**
 * `cluster.env` on the identity disk of every node: what of the cluster is no secret and not in its DNS names.
 *
 * @param emulated whether its machines are slower than what Kubernetes' time limits are made for.
 */
export function clusterEnvironment(
  { name, etcd }: Pick<Cluster, 'name' | 'etcd'>,
  { emulated }: { emulated: boolean },
): Record<string, string> {
  return {
    CLUSTER_NAME: name,
    ETCD_PLACEMENT: etcd.placement,
    ETCD_SIZE: `${etcd.size}`,
    ...(emulated ? loadLocalCatalog().emulated : {}),
  };
}
