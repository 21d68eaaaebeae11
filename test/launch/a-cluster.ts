import type { Cluster, ClusterNode } from '../../src/launch/types.js';

/** A stacked cluster with these nodes, all of which ran. */
export function aCluster(roles: readonly (readonly string[])[], changes: Partial<Cluster> = {}): Cluster {
  return {
    name: 'demo',
    provider: 'local',
    rig: 'qemu',
    image: { folder: '/images/one', id: 'sha256:one' },
    etcd: { placement: 'stacked', size: 1 },
    network: { namespace: 'kiln-demo', apiPort: 16443 },
    created: '2026-01-01T00:00:00.000Z',
    nodes: roles.map((names, index) => aNode(names, index)),
    ...changes,
  };
}

function aNode(roles: readonly string[], index: number): ClusterNode {
  return {
    name: `${roles.join('-')}-${index + 1}`,
    roles: [...roles],
    address: `10.89.0.${11 + index}`,
    mac: `52:54:00:00:00:${10 + index}`,
    memoryMiB: 1536,
    created: '2026-01-01T00:00:00.000Z',
    started: '2026-01-01T00:01:00.000Z',
  };
}
