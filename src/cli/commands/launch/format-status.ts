import type { ClusterStatus, NodeReport } from '../../../launch/read-status.js';
import { formatTable } from '../../print.js';

const HEAD = ['NODE', 'ROLES', 'ADDRESS', 'MACHINE', 'KUBERNETES', 'ETCD', 'WHY'];

/** A cluster's state for people: a line on the cluster and its API, a row for each node. */
export function formatStatus({ cluster, api, etcd, nodes }: ClusterStatus): string {
  const detail = api.detail === null ? '' : ` (${api.detail})`;
  const members = `${etcd.size} ${etcd.size === 1 ? 'member' : 'members'}`;
  const layout = etcd.placement === 'stacked' ? 'on the masters' : 'on nodes of its own';
  return [
    `cluster ${cluster}: API ${api.server} ${api.state}${detail}; etcd ${layout}, formed with ${members}`,
    '',
    formatTable([HEAD, ...nodes.map(row)]),
  ].join('\n');
}

function row({ name, roles, address, machine, kubernetes, etcd, failedUnits }: NodeReport): string[] {
  const version = kubernetes.version === null ? '' : ` ${kubernetes.version}`;
  const failed = (failedUnits ?? []).map((unit) => `${unit} failed`);
  const why = [...failed, machine.reason ?? kubernetes.reason].filter((part) => part !== null).join('; ');
  return [
    name,
    roles.join(','),
    address,
    machine.state,
    `${kubernetes.state}${version}`,
    etcd ?? '-',
    why.split('\n')[0] ?? '',
  ];
}
