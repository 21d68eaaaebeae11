import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { bake } from '../helpers/bake.js';

/** No credentials, no region, and an endpoint nobody answers at: what asks AWS anything fails. */
const NOWHERE = {
  AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
  AWS_ACCESS_KEY_ID: '',
  AWS_SECRET_ACCESS_KEY: '',
  AWS_REGION: '',
  AWS_DEFAULT_REGION: '',
  AWS_CONFIG_FILE: '/nonexistent',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
  AWS_EC2_METADATA_DISABLED: 'true',
};
const WHERE = ['--region', 'eu-central-1', '--admin-cidr', '203.0.113.7/32'];

function image(...args: string[]) {
  return bake(['image', '--target', 'aws', ...args], { env: NOWHERE });
}

test('centos7: a dry run shows the whole of Packer’s parameters, without credentials or network', async (t) => {
  const result = await image('--os', 'centos7', ...WHERE, '--dry-run', '--json');
  t.is(result.exitCode, 0, result.stderr);
  const actions = JSON.parse(result.stdout) as { target: string; parameters?: Record<string, unknown> }[];
  const packer = actions.find(({ target }) => target.startsWith('packer build '));
  t.like(packer?.parameters, {
    region: 'eu-central-1',
    temporary_security_group_source_cidrs: ['203.0.113.7/32'],
  });
  t.true(actions.at(-1)?.target.endsWith('/centos7-1.29.15-flannel-amd64-aws-ID'));
});

test('without --json the parameters are shown too', async (t) => {
  const { stdout } = await image('--os', 'debian12', ...WHERE, '--dry-run');
  t.regex(stdout, /run packer build .*\n\s+region: eu-central-1\n/);
});

const refusals: [string, string[], RegExp][] = [
  [
    'mkosi',
    ['--os', 'debian12', '--engine', 'mkosi', ...WHERE],
    /mkosi makes disks; it cannot bake an Amazon/,
  ],
  [
    'a base that is a file',
    ['--os', 'debian12', '--base', 'disk.qcow2', ...WHERE],
    /disk\.qcow2 is no AMI id/,
  ],
  ['--offline', ['--os', 'debian12', '--offline', ...WHERE], /--offline touches no network/],
  ['nobody to let in', ['--os', 'debian12', '--region', 'eu-central-1'], /nobody may reach the builder/],
  ['everybody let in', ['--os', 'debian12', ...WHERE, '--admin-cidr', '0.0.0.0/0'], /the whole internet/],
  ['no region', ['--os', 'debian12', '--admin-cidr', '203.0.113.7/32'], /no region: say --region/],
];
for (const [what, args, message] of refusals) {
  test(`refused before anything is called: ${what}`, async (t) => {
    const result = await image(...args);
    t.is(result.exitCode, 2);
    t.regex(result.stderr, message);
    t.is(result.stdout, '');
  });
}

test('kiln.yaml says the same words', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'kiln-test-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const aws = {
    region: 'eu-west-1',
    adminCidrs: ['198.51.100.0/24'],
    builder: { instanceType: 'm7i.large' },
  };
  writeFileSync(path.join(folder, 'kiln.yaml'), JSON.stringify({ os: 'debian12', target: 'aws', aws }));
  const result = await bake(['image', '--dry-run', '--json'], { cwd: folder, env: NOWHERE });
  t.is(result.exitCode, 0, result.stderr);
  const actions = JSON.parse(result.stdout) as { target: string; parameters?: unknown }[];
  t.like(actions.find(({ target }) => target.startsWith('packer build '))?.parameters, {
    region: 'eu-west-1',
    instance_type: 'm7i.large',
  });
});
