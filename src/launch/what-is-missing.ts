import type { ClusterStatus, NodeReport } from './read-status.js';

/**
 * What these nodes still lack to be up, each as a person would say what is waited for; empty when they are. Pure.
 *
 * @param names nodes the wait is for; the API counts as soon as the cluster has a master.
 */
export function whatIsMissing(status: ClusterStatus, names: readonly string[]): string[] {
  const nodes = status.nodes.filter(({ name }) => names.includes(name));
  const masters = status.nodes.some(({ roles }) => roles.includes('master'));
  const { state, detail } = status.api;
  const reason = detail === null ? '' : ` (${detail})`;
  return [
    ...(masters && state !== 'ready' ? [`the API: ${state}${reason}`] : []),
    ...nodes.flatMap((node) => missingOf(node)),
  ];
}

function missingOf({ name, roles, machine, kubernetes, etcd }: NodeReport): string[] {
  if (machine.state !== 'running') return [`${name}: machine ${machine.state}`];
  if (roles.includes('minion') && kubernetes.state !== 'Ready') return [`${name}: ${kubernetes.state}`];
  // Where etcd shares a node with an API server, that one says whether it works.
  if (roles.includes('etcd') && etcd !== 'healthy') return [`${name}: etcd ${etcd}`];
  return [];
}
