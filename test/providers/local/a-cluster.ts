import type { Cluster, ClusterNode } from '../../../src/launch/types.js';
import { namespaceName } from '../../../src/providers/local/names.js';

/** A cluster as `launch` would write it down. */
export function aCluster(options: Partial<Cluster> = {}): Cluster {
  const { name = 'demo' } = options;
  return {
    name,
    provider: 'local',
    rig: 'qemu',
    image: { folder: '/images/one', id: 'sha256:00' },
    etcd: { placement: 'stacked', size: 1 },
    network: { namespace: namespaceName(name), apiPort: 16443 },
    created: '2026-11-21T16:00:00Z',
    nodes: [],
    ...options,
  };
}

/** Its `number`-th node. */
export function aNode(number: number, name: string, roles: string[]): ClusterNode {
  return {
    name,
    roles,
    address: `10.89.0.${10 + number}`,
    mac: `52:54:00:00:00:0${number}`,
    memoryMiB: 1536,
    created: '2026-11-21T16:00:00Z',
  };
}
