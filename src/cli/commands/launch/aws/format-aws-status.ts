import type { AwsGroupReport, AwsNodeReport, AwsStatus } from '../../../../providers/aws/cluster-status.js';
import { formatTable } from '../../../print.js';

const NODES = ['NODE', 'ID', 'ROLES', 'STATE', 'TYPE', 'ZONE', 'ADDRESS', 'AMI', 'AGE', 'GROUP'];
const GROUPS = ['GROUP', 'ROLES', 'IN SERVICE', 'DESIRED', 'MOST', 'LAST FAILURE'];

/** A cluster on AWS for people: a line on the cluster, a row for each node and each group, what is wrong. */
export function formatAwsStatus(status: AwsStatus, now: Date): string {
  const { cluster, region, kubernetes, nodes, groups, problems } = status;
  const parts = [
    `cluster ${cluster} in ${region}; Kubernetes, etcd and API ${kubernetes.state}: ${kubernetes.reason}`,
    nodes.length === 0 ? 'No nodes.' : formatTable([NODES, ...nodes.map((node) => nodeRow(node, now))]),
    ...(groups.length === 0 ? [] : [formatTable([GROUPS, ...groups.map(groupRow)])]),
    problems.length === 0 ? 'AWS knows of nothing wrong.' : problems.join('\n'),
  ];
  return parts.join('\n\n');
}

function nodeRow(node: AwsNodeReport, now: Date): string[] {
  const { id, name, roles, state, checks, type, zone, address, imageId, launched, group } = node;
  return [
    name,
    id,
    roles.join(','),
    checks === null || checks === 'ok' ? state : `${state}, ${checks}`,
    type,
    zone ?? '-',
    address ?? '-',
    imageId,
    age(launched, now),
    group ?? '-',
  ];
}

function groupRow({ name, roles, inService, desired, max, status, failures }: AwsGroupReport): string[] {
  const [newest] = failures;
  const failure = status ?? (newest === undefined ? '-' : `${newest.time} ${newest.message}`);
  return [name, roles.join(','), String(inService), String(desired), String(max), failure];
}

/** `42s`, `17m`, `5h`, `3d`: the largest unit that fits. */
function age(launched: string, now: Date): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(launched)) / 1000));
  if (Number.isNaN(seconds)) return '-';
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
