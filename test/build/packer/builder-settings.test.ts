import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { resolveBuilderSettings } from '../../../src/build/packer/builder-settings.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

const OFFICE = '203.0.113.7/32';

function resolve(
  flags: { region?: string; adminCidr?: string[] },
  config = {},
  environment: Record<string, string> = {},
) {
  return resolveBuilderSettings({
    flags,
    config,
    environment: { AWS_CONFIG_FILE: '/nonexistent', ...environment },
  });
}

test('flags win over kiln.yaml, kiln.yaml over the environment', (t) => {
  const config = { region: 'eu-west-1', adminCidrs: ['198.51.100.0/24'] };
  t.like(resolve({ region: 'us-east-1', adminCidr: [OFFICE] }, config), {
    region: 'us-east-1',
    adminCidrs: [OFFICE],
  });
  t.like(resolve({}, config, { AWS_REGION: 'ap-south-1' }), config);
  t.is(resolve({ adminCidr: [OFFICE] }, {}, { AWS_REGION: 'us-gov-west-1' }).region, 'us-gov-west-1');
  t.is(resolve({ adminCidr: [OFFICE] }, {}, { AWS_DEFAULT_REGION: 'ap-south-1' }).region, 'ap-south-1');
});

test('without a variable the region is the profile’s, as for every verb', (t) => {
  const file = path.join(temporaryFolder(), 'config');
  writeFileSync(file, '[profile work]\nregion = eu-north-1\n');
  const environment = { AWS_REGION: '', AWS_PROFILE: 'work', AWS_CONFIG_FILE: file };
  t.is(resolve({ adminCidr: [OFFICE] }, {}, environment).region, 'eu-north-1');
});

test('all that is missing is told at once', (t) => {
  const error = t.throws(() => resolve({}, { builder: { sshInterface: 'session_manager' } }), {
    code: 'USAGE',
  });
  t.is(
    error?.message,
    `An AMI cannot be baked so:
  no region: say --region eu-central-1, aws.region in kiln.yaml, or AWS_REGION
  nobody may reach the builder: name the addresses the bake comes from with --admin-cidr 203.0.113.7/32, or aws.adminCidrs in kiln.yaml
  sshInterface session_manager needs aws.instanceProfile: without its rights the builder cannot be reached`,
  );
});

const refused: [string, RegExp][] = [
  ['0.0.0.0/0', /0\.0\.0\.0\/0 lets in the whole internet/],
  ['203.0.113.7/0', /lets in the whole internet/],
  ['128.0.0.0/1', /lets in 2147483648 addresses/],
  ['::/0', /is no IPv4 range/],
  ['203.0.113.7', /is no IPv4 range/],
  ['203.0.113.777/32', /is no IPv4 range/],
  ['203.0.113.7/33', /is no IPv4 range/],
];
for (const [cidr, message] of refused) {
  test(`${cidr} is refused, also beside a good one`, (t) => {
    t.throws(() => resolve({ region: 'us-east-1', adminCidr: [OFFICE, cidr] }), { code: 'USAGE', message });
    t.throws(() => resolve({}, { region: 'us-east-1', adminCidrs: [cidr] }), { code: 'USAGE', message });
  });
}

test('a region that is none is refused', (t) => {
  t.throws(() => resolve({ region: 'Frankfurt', adminCidr: [OFFICE] }), {
    message: /Frankfurt is no region/,
  });
});

test('the profile is the nodes’; a builder gets it only where it cannot be reached without', (t) => {
  const config = { adminCidrs: [OFFICE], region: 'us-east-1', instanceProfile: 'nodes' };
  t.is(resolve({}, config).instanceProfile, undefined);
  const managed = resolve({}, { ...config, builder: { sshInterface: 'session_manager' } });
  t.is(managed.instanceProfile, 'nodes');
});
