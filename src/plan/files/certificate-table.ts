import { type LeafCertificate, loadIdentityCatalog } from '../../catalog/identity.js';
import { apiServiceAddress } from '../addresses.js';
import type { PlanInput } from '../plan-input.js';

const HEADER = '# owner file authority days renew-days common-name organization usages names addresses\n';

/**
 * One line per certificate a node issues for itself, for `kube-certificates`; lists by comma, `-` for none. What the node alone
 * knows stays as {node}, {address} and {cluster}.
 */
export function certificateTable(input: PlanInput): string {
  const { days, renewDays, certificates } = loadIdentityCatalog().leaves;
  return HEADER + certificates.map((leaf) => line(leaf, { days, renewDays, input })).join('');
}

function line(
  leaf: LeafCertificate,
  { days, renewDays, input }: { days: number; renewDays: number; input: PlanInput },
): string {
  const { owner, file, authority, commonName, organization = '-', usages, names, addresses } = leaf;
  const fields = [
    ...[owner, file, authority, days, renewDays, commonName, organization],
    ...[usages, names, addresses].map(list),
  ];
  return `${fill(fields.join(' '), input)}\n`;
}

/** The words of identity.yaml that an image settles for every node made of it. */
function fill(text: string, { spec, roles }: PlanInput): string {
  return text
    .replaceAll('{serviceAddress}', apiServiceAddress(spec.serviceCidr))
    .replaceAll('{clusterDomain}', spec.clusterDomain)
    .replace(/\{dns:([^}]+)\}/g, (_, role: string) => `${dnsOf(role, roles)}.{cluster}.k8s`);
}

function dnsOf(role: string, roles: PlanInput['roles']): string {
  const known = roles[role];
  if (known === undefined)
    throw new Error(`catalog/identity.yaml names the role ${role}, which roles.yaml lacks`);
  return known.dns;
}

function list(values: readonly string[] = []): string {
  return values.length === 0 ? '-' : values.join(',');
}
