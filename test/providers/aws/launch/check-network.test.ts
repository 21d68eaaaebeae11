import type { IpPermission, SecurityGroup } from '@aws-sdk/client-ec2';
import test from 'ava';
import { checkAdminCidrs, checkNetwork } from '../../../../src/providers/aws/launch/check-network.js';
import type { AwsSettings } from '../../../../src/providers/aws/types.js';

const settings = {
  region: 'eu-west-1',
  subnets: ['subnet-1', 'subnet-2'],
  securityGroups: ['sg-1'],
  adminCidrs: ['198.51.100.0/24'],
} as AwsSettings;
const subnets = [
  { SubnetId: 'subnet-1', VpcId: 'vpc-1', AvailableIpAddressCount: 2 },
  { SubnetId: 'subnet-2', VpcId: 'vpc-1', AvailableIpAddressCount: 1 },
];

function group(id: string, more: Partial<SecurityGroup> = {}): SecurityGroup {
  return { GroupId: id, VpcId: 'vpc-1', ...more };
}

const owned = (cluster: string) => ({ Key: `kubernetes.io/cluster/${cluster}`, Value: 'owned' });
const named = (cluster: string) => ({ Key: 'KubernetesCluster', Value: cluster });
const tagged = group('sg-1', { Tags: [named('demo'), owned('demo'), { Key: 'Name', Value: 'nodes' }] });
const good = { cluster: 'demo', settings, subnets, groups: [tagged], missing: 3 };

test('nothing is wrong where there is room and no open door', (t) => {
  t.deepEqual(checkNetwork(good), []);
  t.deepEqual(checkNetwork({ ...good, groups: [group('sg-1')] }), []);
});

const two = { ...settings, securityGroups: ['sg-1', 'sg-2'] };
const WRONG: Record<string, [facts: Partial<typeof good>, says: RegExp]> = {
  'a subnet there is not': [{ subnets: subnets.slice(0, 1), missing: 1 }, /no subnet subnet-2 in eu-west-1/],
  'a group there is not': [{ groups: [] }, /no security group sg-1 in eu-west-1/],
  'subnets of two networks': [
    {
      subnets: [...subnets.slice(0, 1), { SubnetId: 'subnet-2', VpcId: 'vpc-2', AvailableIpAddressCount: 9 }],
    },
    /several networks: vpc-1, vpc-2/,
  ],
  'a group of another network': [
    { groups: [group('sg-1', { VpcId: 'vpc-2' })] },
    /sg-1 is of vpc-2, the subnets are of vpc-1/,
  ],
  'more nodes than addresses': [{ missing: 4 }, /4 nodes need an address each; the subnets have 3 free/],
  'two groups with the cluster’s tag': [
    { settings: two, groups: [tagged, group('sg-2', { Tags: [owned('demo')] })] },
    /more than one security group .*\(sg-1, sg-2\)/,
  ],
  'a group of another cluster, by either tag': [
    { groups: [group('sg-1', { Tags: [owned('other')] })] },
    /sg-1 is tagged for other, not for demo/,
  ],
  'a group whose tags contradict each other': [
    { groups: [group('sg-1', { Tags: [named('demo'), owned('other')] })] },
    /sg-1 is tagged for demo, other/,
  ],
};

for (const [title, [facts, says]] of Object.entries(WRONG)) {
  test(`refuses ${title}`, (t) => {
    const findings = checkNetwork({ ...good, ...facts });
    t.is(findings.length, 1, JSON.stringify(findings));
    t.regex(findings[0]?.text ?? '', says);
    t.is(findings[0]?.forcible, undefined);
  });
}

const OPEN: [IpPermission, RegExp][] = [
  [
    { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
    /0\.0\.0\.0\/0 in.* port 22\/tcp/,
  ],
  [{ IpProtocol: '-1', Ipv6Ranges: [{ CidrIpv6: '::/0' }] }, /::\/0 in.* every port/],
  [{ IpProtocol: 'udp', FromPort: 1, ToPort: 9, IpRanges: [{ CidrIp: '128.0.0.0/1' }] }, /ports 1-9\/udp/],
  [{ IpProtocol: 'icmp', FromPort: -1, ToPort: -1, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }, /protocol icmp/],
];

for (const [permission, says] of OPEN) {
  test(`refuses a group that lets the world in, unless forced: ${says.source}`, (t) => {
    const inside: IpPermission = { IpProtocol: '-1', IpRanges: [{ CidrIp: '10.0.0.0/8' }] };
    const findings = checkNetwork({
      ...good,
      groups: [group('sg-1', { IpPermissions: [inside, permission] })],
    });
    t.is(findings.length, 1);
    t.regex(findings[0]?.text ?? '', says);
    t.true(findings[0]?.forcible);
  });
}

test('an admin CIDR is a network of somebody’s, not the internet or half of it', (t) => {
  const refused = (...adminCidrs: string[]) =>
    checkAdminCidrs({ adminCidrs }).map(({ forcible }) => forcible);
  t.deepEqual(refused('198.51.100.7/32', '10.0.0.0/8'), []);
  t.deepEqual(refused('0.0.0.0/0', '128.0.0.0/1', '::/0'), [true, true, true]);
});
