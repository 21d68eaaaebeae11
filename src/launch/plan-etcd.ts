import { KilnError } from '../errors.js';
import type { LaunchRequest } from './parse-request.js';
import type { Cluster, EtcdLayout } from './types.js';

/**
 * Where etcd of the cluster runs and with how many members it forms: settled by the first launch, for good. Nodes with
 * the role etcd first: separate. Masters first: on them.
 *
 * @throws KilnError LAUNCH_REFUSED for a launch that does not fit the layout, or founds a cluster without etcd.
 */
export function planEtcd({
  request,
  cluster,
  size,
}: {
  request: LaunchRequest;
  cluster: Cluster | undefined;
  /** Nodes of the request's roles there are when it is done. */
  size: number;
}): { etcd: EtcdLayout; warnings: string[] } {
  if (cluster === undefined) return { etcd: firstLayout(request, size), warnings: warnEven(size) };
  const { etcd } = cluster;
  if (etcd.placement === 'stacked' && request.roles.includes('etcd')) throw alreadyStacked(request.cluster);
  const members = etcd.placement === 'stacked' ? 'master' : 'etcd';
  if (!request.roles.includes(members)) return { etcd, warnings: [] };
  // Nothing formed yet: the launch that was cut short may be repeated with another count.
  const formed = cluster.nodes.some(({ roles, started }) => roles.includes(members) && started !== undefined);
  const others = cluster.nodes.filter(
    ({ roles }) => roles.includes(members) && roles.join() !== request.roles.join(),
  ).length;
  return {
    etcd: formed ? etcd : { ...etcd, size: size + others },
    warnings: warnEven(size + others),
  };
}

function firstLayout({ roles, cluster }: LaunchRequest, size: number): EtcdLayout {
  if (roles.includes('etcd')) return { placement: 'separate', size };
  if (roles.includes('master')) return { placement: 'stacked', size };
  throw new KilnError(
    'LAUNCH_REFUSED',
    `Cluster ${cluster} has no masters yet, and ${roles.join(' and ')} nodes cannot do without`,
    {
      hint: `First \`launch --role master --count 3 --cluster ${cluster}\` (or --role master,minion for one node with both).`,
    },
  );
}

function alreadyStacked(cluster: string): KilnError {
  return new KilnError(
    'LAUNCH_REFUSED',
    `etcd of cluster ${cluster} runs on its masters, and that cannot change`,
    {
      hint: 'More members: `launch --role master --count +2`. etcd nodes of their own: in a new cluster, launched before its masters.',
    },
  );
}

function warnEven(size: number): string[] {
  if (size % 2 === 1) return [];
  return [
    `etcd with ${size} members bears the loss of no more of them than with ${size - 1}: an odd number is better.`,
  ];
}
