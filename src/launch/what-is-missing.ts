import type { ClusterStatus, NodeReport } from './read-status.js';

/** Milliseconds by which a node's clock may be behind: its hardware clock and Kubernetes' times are whole seconds. */
const SKEW = 5_000;

/**
 * What these nodes still lack to be up, each as a person would say what is waited for; empty when they are. Pure.
 *
 * @param names nodes the wait is for; the API counts as soon as the cluster has a master.
 * @param since when nodes were started, by name, in milliseconds since 1970: a Ready from before is none.
 */
export function whatIsMissing(
  status: ClusterStatus,
  names: readonly string[],
  since: ReadonlyMap<string, number> = new Map(),
): string[] {
  const nodes = status.nodes.filter(({ name }) => names.includes(name));
  const masters = status.nodes.some(({ roles }) => roles.includes('master'));
  const { state, detail } = status.api;
  const reason = detail === null ? '' : ` (${detail})`;
  return [
    ...(masters && state !== 'ready' ? [`the API: ${state}${reason}`] : []),
    ...nodes.flatMap((node) => missingOf(node, since.get(node.name))),
  ];
}

function missingOf(
  { name, roles, machine, kubernetes, etcd }: NodeReport,
  started: number | undefined,
): string[] {
  if (machine.state !== 'running') return [`${name}: machine ${machine.state}`];
  if (roles.includes('minion')) {
    if (kubernetes.state !== 'Ready') return [`${name}: ${kubernetes.state}`];
    if (!isHeard(kubernetes, started)) return [`${name}: not heard of since it was started`];
  }
  // Where etcd shares a node with an API server, that one says whether it works.
  if (roles.includes('etcd') && etcd !== 'healthy') return [`${name}: etcd ${etcd}`];
  return [];
}

/** The API keeps what a kubelet said last until some 40 seconds have passed without it. */
function isHeard({ heard }: NodeReport['kubernetes'], started: number | undefined): boolean {
  return started === undefined || (heard !== null && Date.parse(heard) >= started - SKEW);
}
