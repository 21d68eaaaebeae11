import { BlockList } from 'node:net';
import type * as Ec2 from '@aws-sdk/client-ec2';
import { isWorld } from './open-sources.js';

/** Nobody comes from there over the internet. RFC 1918, RFC 6598. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'];

/** The IPv4 networks that groups let in and that are neither private nor an administrator's. */
export function strangers(groups: readonly Ec2.SecurityGroup[], adminCidrs: readonly string[]): string[] {
  const known = [...PRIVATE, ...adminCidrs];
  const sources = groups
    .flatMap(({ IpPermissions = [] }) => IpPermissions)
    .flatMap(({ IpRanges = [] }) => IpRanges.map(({ CidrIp = '' }) => CidrIp))
    .filter((cidr) => cidr !== '' && !isWorld(cidr));
  return [...new Set(sources)].filter((cidr) => !known.some((range) => isWithin(cidr, range)));
}

function isWithin(cidr: string, range: string): boolean {
  const [address = '', length] = cidr.split('/');
  const [base = '', prefix] = range.split('/');
  if (Number(length) < Number(prefix)) return false;
  const list = new BlockList();
  list.addSubnet(base, Number(prefix));
  return list.check(address);
}
