import type { SecurityGroup } from '@aws-sdk/client-ec2';
import test from 'ava';
import { launchWarnings } from '../../../../src/providers/aws/launch/launch-warnings.js';
import type { LaunchFacts } from '../../../../src/providers/aws/launch/read-facts.js';
import type { AwsCluster, AwsInstance, AwsSettings } from '../../../../src/providers/aws/types.js';

interface Told {
  roles?: string[];
  before?: Partial<AwsInstance>[];
  after?: Partial<AwsInstance>[];
  groups?: SecurityGroup[];
  adminCidrs?: string[];
  shape?: 'group' | 'instances';
  image?: string;
}

function node(more: Partial<AwsInstance> & { id: string }): Partial<AwsInstance> {
  return { name: `demo-${more.id}`, roles: ['master'], state: 'running', imageId: 'ami-1', ...more };
}

function warn({
  roles = ['master'],
  before = [],
  after = before,
  groups = [],
  adminCidrs = [],
  shape,
  image,
}: Told) {
  const cluster = (instances: Partial<AwsInstance>[]) =>
    ({ name: 'demo', instances, groups: [] }) as unknown as AwsCluster;
  return launchWarnings({
    options: {
      request: { cluster: 'demo', roles, count: { total: 2 } },
      settings: { adminCidrs } as unknown as AwsSettings,
    },
    shape: shape ?? 'instances',
    facts: { cluster: cluster(before), groups } as unknown as LaunchFacts,
    now: cluster(after),
    target: 2,
    image,
  });
}

const rule = (...cidrs: string[]): SecurityGroup => ({
  IpPermissions: [{ IpProtocol: 'tcp', IpRanges: cidrs.map((CidrIp) => ({ CidrIp })) }],
});

test('a group that launches other nodes from now on is worth a sentence', (t) => {
  const cluster = (version: string) =>
    ({
      ...{ name: 'demo', instances: [node({ id: 'i-1' })] },
      groups: [{ name: 'kiln-demo-minion', template: { id: 'lt-1', version }, subnets: ['subnet-1'] }],
    }) as unknown as AwsCluster;
  const versions = (before: string, after: string) =>
    launchWarnings({
      options: {
        request: { cluster: 'demo', roles: ['minion'], count: { total: 2 } },
        settings: { adminCidrs: [] as string[], subnets: ['subnet-1'] } as AwsSettings,
      },
      ...{ shape: 'group', target: 2, now: cluster(after), image: undefined },
      facts: { cluster: cluster(before), groups: [] as SecurityGroup[] } as LaunchFacts,
    });
  t.deepEqual(versions('1', '1'), []);
  t.regex(versions('1', '2').join(), /version 2 of its template from now on, not 1/);
});

test('an ordinary launch is not commented', (t) => {
  const nodes = [node({ id: 'i-1' }), node({ id: 'i-2' })];
  t.deepEqual(warn({ before: [], after: nodes }), []);
  t.deepEqual(warn({ roles: ['minion'], before: nodes }), []);
  t.deepEqual(
    warn({ adminCidrs: ['198.51.100.0/24'], groups: [rule('10.1.0.0/16', '198.51.100.7/32')] }),
    [],
  );
});

const WORTH: Record<string, [Told, RegExp]> = {
  'minions without masters': [{ roles: ['minion'] }, /demo has no masters yet/],
  'masters that are all gone': [
    { roles: ['minion'], before: [node({ id: 'i-1', state: 'terminated' })] },
    /no masters yet/,
  ],
  'a stopped node': [{ before: [node({ id: 'i-1', state: 'stopped' })] }, /demo-i-1 \(i-1\) is stopped/],
  'a group of masters': [{ shape: 'group' }, /another address/],
  'more than was asked for': [
    { after: ['i-1', 'i-2', 'i-3'].map((id) => node({ id })) },
    /There are 3 master nodes, more than the 2/,
  ],
  'another image than before': [
    { before: [node({ id: 'i-1' })], after: [node({ id: 'i-1' }), node({ id: 'i-2', imageId: 'ami-2' })] },
    /New nodes boot ami-2, those of before ami-1/,
  ],
  'an image other roles do not run, of nodes that do not show yet': [
    { roles: ['minion'], before: [node({ id: 'i-1' })], image: 'ami-2' },
    /New nodes boot ami-2, those of before ami-1/,
  ],
  'images that differ already': [
    {
      before: [
        node({ id: 'i-1' }),
        node({ id: 'i-2', roles: ['minion'], imageId: 'ami-2' }),
        node({ id: 'i-3', imageId: 'ami-3', state: 'terminated' }),
      ],
    },
    /Nodes of demo run different images: ami-1, ami-2; --image/,
  ],
  'a prefix list nobody looked into': [
    { groups: [{ GroupId: 'sg-1', IpPermissions: [{ PrefixListIds: [{ PrefixListId: 'pl-1' }] }] }] },
    /sg-1 lets in prefix lists \(pl-1\)/,
  ],
  'a door for others than the administrators': [
    { adminCidrs: ['198.51.100.0/24'], groups: [rule('198.51.100.0/23', '10.0.0.0/8')] },
    /let in 198\.51\.100\.0\/23, which is none of the admin CIDRs/,
  ],
  'several groups and none tagged': [{ groups: [{}, {}] }, /No security group has the cluster’s tag/],
};

for (const [title, [told, says]] of Object.entries(WORTH)) {
  test(`worth a sentence: ${title}`, (t) => {
    const warnings = warn(told);
    t.is(warnings.length, 1, warnings.join('\n'));
    t.regex(warnings[0] ?? '', says);
  });
}
