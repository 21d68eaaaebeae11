import type * as Ec2 from '@aws-sdk/client-ec2';

/** Prefixes shorter than these are no one's own network: half the internet is the internet. */
const SHORTEST_IPV4 = 8;
const SHORTEST_IPV6 = 16;

/** Whether a CIDR is the internet, or so much of it that it comes to the same. */
export function isWorld(cidr: string): boolean {
  const [address = '', length = ''] = cidr.split('/');
  return Number(length) < (address.includes(':') ? SHORTEST_IPV6 : SHORTEST_IPV4);
}

/** The rules of a group that let the whole internet in. */
export function openSources({ IpPermissions = [] }: Ec2.SecurityGroup): { ports: string; source: string }[] {
  return IpPermissions.flatMap((permission) =>
    [
      ...(permission.IpRanges ?? []).map(({ CidrIp }) => CidrIp),
      ...(permission.Ipv6Ranges ?? []).map(({ CidrIpv6 }) => CidrIpv6),
    ]
      .filter((source) => source !== undefined && isWorld(source))
      .map((source = '') => ({ ports: portsOf(permission), source })),
  );
}

/** The lists of addresses a group lets in by their id: what is in them is not looked at. */
export function prefixLists({ IpPermissions = [] }: Ec2.SecurityGroup): string[] {
  return IpPermissions.flatMap(({ PrefixListIds = [] }) => PrefixListIds).flatMap(
    ({ PrefixListId }) => PrefixListId ?? [],
  );
}

function portsOf({ IpProtocol, FromPort, ToPort }: Ec2.IpPermission): string {
  if (IpProtocol === '-1') return 'every port';
  if (IpProtocol !== 'tcp' && IpProtocol !== 'udp') return `protocol ${IpProtocol}`;
  return FromPort === ToPort ? `port ${FromPort}/${IpProtocol}` : `ports ${FromPort}-${ToPort}/${IpProtocol}`;
}
