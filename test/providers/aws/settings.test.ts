import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { resolveBuilderSettings } from '../../../src/build/packer/builder-settings.js';
import { regionOfSurroundings } from '../../../src/providers/aws/region.js';
import { requireRegion } from '../../../src/providers/aws/require-region.js';
import { resolveAwsSettings, whatIsMissing } from '../../../src/providers/aws/settings.js';

const nowhere = { surroundings: undefined };

test('flags over kiln.yaml over defaults', (t) => {
  const settings = resolveAwsSettings(
    { subnet: ['subnet-0000000a,subnet-0000000b', 'subnet-0000000a'], volumeSize: '40' },
    { region: 'eu-central-1', subnets: ['subnet-0000000c'], securityGroups: ['sg-00000001'], volumeSize: 30 },
    { surroundings: 'us-east-1' },
  );
  t.deepEqual(settings, {
    region: 'eu-central-1',
    subnets: ['subnet-0000000a', 'subnet-0000000b'],
    securityGroups: ['sg-00000001'],
    instanceProfile: undefined,
    instanceTypes: ['t3.medium'],
    volumeSizeGiB: 40,
    kmsKeyId: undefined,
    adminCidrs: [],
  });
  t.deepEqual(whatIsMissing(settings), []);
});

test('the default type is one of the image’s processor', (t) => {
  t.deepEqual(resolveAwsSettings({}, {}, { ...nowhere, arch: 'arm64' }).instanceTypes, ['t4g.medium']);
  const given = resolveAwsSettings({ instanceType: ['m7g.large', 'm6g.large'] }, {}, nowhere);
  t.deepEqual(given.instanceTypes, ['m7g.large', 'm6g.large']);
});

test('what has no default is named, all of it, with how to give it', (t) => {
  const missing = whatIsMissing(resolveAwsSettings({}, undefined, nowhere));
  t.is(missing.length, 3);
  for (const flag of ['--region', '--subnet', '--security-group'])
    t.regex(missing.join('\n'), new RegExp(flag));
});

test('every wrong flag is told at once', (t) => {
  const error = t.throws(
    () =>
      resolveAwsSettings(
        {
          subnet: ['subnet-0000000a', 'sg-1'],
          securityGroup: ['mine'],
          volumeSize: 'big',
          adminCidr: ['me'],
        },
        {},
        nowhere,
      ),
    { code: 'USAGE' },
  );
  for (const says of [
    '--subnet sg-1: ',
    '--security-group mine: ',
    '--volume-size big: ',
    '--admin-cidr me: ',
  ])
    t.true(error?.message.includes(says), error?.message);
  t.false(error?.message.includes('subnet-0000000a'));
});

test('the key of the root disks is a flag as well', (t) => {
  const { kmsKeyId } = resolveAwsSettings({ kmsKey: 'alias/nodes' }, { kmsKeyId: 'alias/others' }, nowhere);
  t.is(kmsKeyId, 'alias/nodes');
});

test('every verb knows the same regions', (t) => {
  const known = {
    launch: (region: string) => resolveAwsSettings({ region }, {}, nowhere).region,
    'the other verbs': (region: string) => requireRegion(region, undefined),
    bake: (region: string) =>
      resolveBuilderSettings({ flags: { region, adminCidr: ['203.0.113.7/32'] }, environment: {} }).region,
  };
  for (const [verb, resolve] of Object.entries(known)) {
    for (const region of ['eu-central-1', 'us-gov-east-1', 'us-isob-east-1', 'eusc-de-east-1'])
      t.is(resolve(region), region, verb);
    for (const word of ['Frankfurt', 'eu-central-1a', 'eu-central', 'eu-central-100'])
      t.throws(() => resolve(word), { code: 'USAGE' }, `${verb} ${word}`);
  }
});

test('a zone is no region', (t) => {
  t.throws(() => resolveAwsSettings({ region: 'eu-central-1a' }, {}, nowhere), {
    code: 'USAGE',
    message: /no region of AWS/,
  });
  for (const region of ['us-gov-west-1', 'ap-southeast-4'])
    t.is(resolveAwsSettings({ region }, {}, nowhere).region, region);
});

test('the region is the AWS CLI’s: variables first, then the profile', (t) => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'kiln-aws-')), 'config');
  writeFileSync(
    file,
    '[default]\nregion = eu-west-1\n\n[profile work]\noutput = json\nregion=eu-north-1 ; cold\n\n[profile none]\n',
  );
  const region = (environment: Record<string, string>) =>
    regionOfSurroundings({ AWS_CONFIG_FILE: file, ...environment });
  t.is(region({}), 'eu-west-1');
  t.is(region({ AWS_PROFILE: 'work' }), 'eu-north-1');
  t.is(region({ AWS_PROFILE: 'none' }), undefined);
  t.is(region({ AWS_DEFAULT_REGION: 'us-west-2', AWS_PROFILE: 'work' }), 'us-west-2');
  t.is(region({ AWS_DEFAULT_REGION: 'us-west-2', AWS_REGION: 'us-east-2' }), 'us-east-2');
  t.is(region({ AWS_CONFIG_FILE: `${file}.none` }), undefined);
});
