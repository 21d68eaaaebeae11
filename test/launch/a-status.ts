import type { ClusterStatus, NodeReport } from '../../src/launch/read-status.js';

/** What is known of Kubernetes where no kubelet has said anything. */
export const NOTHING_HEARD = { version: null, reason: null, heard: null };

/** A node whose machine runs, Ready where it runs a kubelet. */
export function aNodeReport(name: string, roles: string[], changes: Partial<NodeReport> = {}): NodeReport {
  return {
    name,
    roles,
    address: '10.89.0.11',
    machine: { state: 'running', reason: null },
    kubernetes: { state: roles.includes('minion') ? 'Ready' : 'not a node', ...NOTHING_HEARD },
    etcd: null,
    failedUnits: null,
    ...changes,
  };
}

/** A cluster of these nodes whose API is ready. */
export function aStatus(nodes: NodeReport[], api: Partial<ClusterStatus['api']> = {}): ClusterStatus {
  return {
    cluster: 'demo',
    rig: 'uml',
    image: { folder: '/i', id: 'sha256:i' },
    etcd: { placement: 'stacked', size: 1 },
    api: { server: 'https://127.0.0.1:1', state: 'ready', detail: null, ...api },
    nodes,
  };
}
