import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import type { Input } from '../../src/providers/aws/calls.js';
import { bake } from '../helpers/bake.js';
import { imageWithoutContent, launch } from '../helpers/launch.js';
import { NO_STACK } from '../helpers/no-stack.js';
import { planOf } from '../helpers/plans.js';
import { furnish, IDS } from '../providers/aws/fake/furnish.js';
import { startFakeAws } from '../providers/aws/fake/start-fake-aws.js';

interface DryRun {
  calls: { action: string; reason: string; parameters: unknown }[];
  userData: string;
  missing: string[];
  assumes: string[];
  image: string | null;
}

const work = mkdtempSync(path.join(tmpdir(), 'kiln-launch-aws-'));

/** No credentials, no region, and an AWS that nobody answers for. */
const NOWHERE = {
  HOME: work,
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
};
const MASTERS = ['--role', 'master', '--count', '3', '--cluster', 'demo', '--provider', 'aws'];
const PLACE = ['--region', 'us-east-1', '--subnet', ...IDS.subnets, '--security-group', IDS.securityGroup];

async function dryRun(args: readonly string[]): Promise<DryRun> {
  const result = await launch([...args, '--dry-run', '--json'], { cwd: work, env: NOWHERE });
  if (result.exitCode !== 0) throw new Error(result.stderr);
  return JSON.parse(result.stdout) as DryRun;
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

test('a dry run needs no credentials, network or settings: every call, the user data, what is missing', async (t) => {
  const { calls, userData, missing, image } = await dryRun(MASTERS);
  t.deepEqual(
    calls.map(({ action }) => action),
    ['ec2:CreateLaunchTemplate', 'ec2:RunInstances', 'ec2:RunInstances', 'ec2:RunInstances'],
  );
  const [template, ...runs] = calls.map(({ parameters }) => parameters) as [
    Input<'ec2:CreateLaunchTemplate'>,
    ...Input<'ec2:RunInstances'>[],
  ];
  const sent = Buffer.from(template.LaunchTemplateData?.UserData ?? '', 'base64').toString();
  t.is(sent, userData);
  t.true(Buffer.byteLength(userData) <= 200);
  t.regex(userData, /^#cloud-config\n[\s\S]*kubernetes-master\n {2}content: CLUSTER_NAME=demo\n$/);
  t.is(new Set(runs.map(({ ClientToken }) => ClientToken)).size, 3);
  t.deepEqual(
    runs.map(
      ({ TagSpecifications }) => TagSpecifications?.[0]?.Tags?.find(({ Key }) => Key === 'Name')?.Value,
    ),
    ['demo-master-1', 'demo-master-2', 'demo-master-3'],
  );
  t.is(missing.length, 3);
  t.is(image, null);
});

test('told everything, it lacks nothing, and nodes go to one subnet after the other', async (t) => {
  const { calls, missing, image } = await dryRun([...MASTERS, ...PLACE, '--image', IDS.image]);
  t.deepEqual(missing, []);
  t.is(image, IDS.image);
  const runs = calls.slice(1).map(({ parameters }) => parameters as Input<'ec2:RunInstances'>);
  t.deepEqual(
    runs.map(({ NetworkInterfaces }) => NetworkInterfaces?.[0]?.SubnetId),
    [...IDS.subnets],
  );
});

test('the key of the root disks is a flag', async (t) => {
  const { calls } = await dryRun([...MASTERS, '--kms-key', 'alias/nodes']);
  const template = calls[0]?.parameters as Input<'ec2:CreateLaunchTemplate'>;
  t.is(template.LaunchTemplateData?.BlockDeviceMappings?.[0]?.Ebs?.KmsKeyId, 'alias/nodes');
  const here = await launch(
    ['--role', 'master', '--provider', 'local', '--kms-key', 'alias/nodes', '--dry-run'],
    {
      cwd: work,
      env: NOWHERE,
    },
  );
  t.is(here.exitCode, 2);
  t.regex(here.stderr, /--kms-key means something only on AWS/);
});

test('minions come as a group, any number of them in one call', async (t) => {
  const minions = ['--role', 'minion', '--count', '1000', '--provider', 'aws', ...PLACE];
  const { calls } = await dryRun(minions);
  t.deepEqual(
    calls.map(({ action }) => action),
    ['ec2:CreateLaunchTemplate', 'autoscaling:CreateAutoScalingGroup'],
  );
  const single = await dryRun([...minions, '--instances']);
  t.is(single.calls.length, 13);
});

test('a dry run is over within a second, and loads no AWS client', async (t) => {
  const [floors, times]: number[][] = [[], []];
  for (let run = 0; run < 3; run += 1) {
    floors?.push(await milliseconds(() => execa(process.execPath, ['-e', '0'])));
    times?.push(await milliseconds(() => dryRun(MASTERS)));
  }
  // Where Node itself takes long to start, the machine has much else to do.
  const limit = Math.max(1000, 12 * Math.min(...(floors ?? [])));
  t.true(Math.min(...(times ?? [])) < limit, `${times}; Node alone: ${floors}`);
  const env = { ...NOWHERE, NODE_DEBUG: 'esm' };
  const dry = await launch([...MASTERS, '--dry-run'], { cwd: work, env });
  t.regex(dry.stderr, /providers\/aws\/launch-on-aws/);
  t.notRegex(dry.stderr, /node_modules\/@(aws-sdk|smithy)\//);
  // The same look sees it where it is loaded.
  const real = await launch([...MASTERS, ...PLACE], { cwd: work, env });
  t.regex(real.stderr, /node_modules\/@aws-sdk\/client-ec2\//);
});

test('for people: calls with their parameters, the user data, what is missing and what is taken for granted', async (t) => {
  const { stdout, exitCode } = await launch([...MASTERS, '--dry-run'], { cwd: work, env: NOWHERE });
  t.is(exitCode, 0);
  t.regex(
    stdout,
    /^call ec2:RunInstances {2}\(demo-master-2: t3\.medium\)\n {4}LaunchTemplate:\n {6}LaunchTemplateName: kiln-demo-master$/m,
  );
  t.regex(stdout, /^ {10}- Key: Role\n {12}Value: master$/m);
  t.regex(stdout, /^User data \(\d+ bytes\):\n#cloud-config$/m);
  t.regex(stdout, /^A real launch also needs:\n {2}a region: --region/m);
});

test('`bake launch` is the same', async (t) => {
  const args = [...MASTERS, '--dry-run', '--json'];
  const here = { cwd: work, env: NOWHERE };
  const [one, other] = await Promise.all([launch(args, here), bake(['launch', ...args], here)]);
  t.is(one.stdout, other.stdout);
});

test('the provider follows from the image, and kiln.yaml has the settings', async (t) => {
  const here = mkdtempSync(path.join(work, 'config-'));
  const { id } = imageWithoutContent(path.join(here, 'ami'));
  writeFileSync(
    path.join(here, 'ami', 'ami.json'),
    JSON.stringify({ version: 1, amis: { 'eu-west-1': IDS.image } }),
  );
  writeFileSync(path.join(here, 'kiln.yaml'), 'aws: {region: eu-west-1, subnets: [subnet-0a0a0a0a]}\n');
  const words = ['--role', 'master', '--image', 'ami', '--dry-run', '--json'];
  const { stdout, stderr } = await launch(words, { cwd: here, env: NOWHERE });
  t.regex(stdout, new RegExp(`"${IDS.image}"[\\s\\S]*${id}[\\s\\S]*"subnet-0a0a0a0a"`), stderr);
  const elsewhere = await launch([...words, '--region', 'eu-north-1'], { cwd: here, env: NOWHERE });
  t.is(elsewhere.exitCode, 2);
  t.regex(elsewhere.stderr, /is ami-\w+ in eu-west-1; there is none in eu-north-1/);
});

const REFUSALS: Record<string, [args: string[], says: RegExp]> = {
  'a launch without settings, naming all of them': [
    MASTERS,
    /also needs:\n {2}a region: [\s\S]*\n {2}a subnet: [\s\S]*\n {2}a security group: /,
  ],
  'flags of this machine on AWS': [
    [...MASTERS, '--rig', 'uml', '--memory', '512'],
    /--rig, --memory mean something only on this machine/,
  ],
  'flags of AWS on this machine': [
    ['--role', 'master', '--force', '--subnet', 'subnet-0a0a0a0a'],
    /--subnet, --force mean something only on AWS/,
  ],
  'a group and instances at once': [[...MASTERS, '--asg', '--instances'], /exclude each other/],
  'wrong ids': [[...MASTERS, '--subnet', 'sg-1'], /--subnet sg-1: expected subnet-…/],
  'the world as administrator, in a dry run too': [
    [...MASTERS, '--admin-cidr', '0.0.0.0/0', '--dry-run'],
    /admin CIDR 0\.0\.0\.0\/0 is the whole internet[\s\S]*--force/,
  ],
  'a launch without credentials': [[...MASTERS, ...PLACE], /No credentials for AWS[\s\S]*AWS_PROFILE/],
};

for (const [title, [args, says]] of Object.entries(REFUSALS)) {
  test(`refuses ${title}`, async (t) => {
    const { exitCode, stdout, stderr } = await launch(args, { cwd: work, env: NOWHERE });
    t.is(exitCode, 2, stderr);
    t.is(stdout, '');
    t.regex(stderr, says);
    t.regex(stderr, NO_STACK);
  });
}

test('roles that the image cannot take together are refused before AWS is asked', async (t) => {
  const folder = path.join(work, 'two-roles');
  mkdirSync(folder);
  const plan = planOf('debian12');
  writeFileSync(path.join(folder, 'plan.json'), JSON.stringify(plan));
  writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify({ version: 1, imageId: plan.id }));
  writeFileSync(path.join(folder, 'ami.json'), JSON.stringify({ version: 1, amis: {} }));
  const args = ['--role', 'master,lb', '--image', folder, '--dry-run'];
  const { exitCode, stderr } = await launch(args, { cwd: work, env: NOWHERE });
  t.is(exitCode, 2);
  t.regex(stderr, /cannot share a node/);
});

test('a launch prints what is there; the next prints the same and launches nothing', async (t) => {
  const fake = await startFakeAws(t);
  furnish(fake.account);
  const here = { cwd: work, env: { ...NOWHERE, ...fake.env } };
  const first = await launch([...MASTERS, ...PLACE], here);
  t.is(first.exitCode, 0, first.stderr);
  t.regex(first.stdout, /^demo-master-1 +i-\w+ +(pending|running) +t3\.medium +us-east-1a +10\.\S+ +new$/m);
  const again = await launch([...MASTERS, ...PLACE, '--json'], here);
  const { instances, launched, failure } = JSON.parse(again.stdout) as Record<string, unknown[]>;
  t.is(instances?.length, 3);
  t.deepEqual([launched, failure], [[], null] as never);
  t.is(fake.count('ec2:RunInstances'), 3);
});

test('what AWS has no room for is told, with what is there and how to go on; exit status 1', async (t) => {
  const fake = await startFakeAws(t);
  furnish(fake.account);
  for (const [index, subnet] of IDS.subnets.entries())
    fake.account.capacity.set(`${subnet} t3.medium`, index);
  fake.account.capacity.set(`${IDS.subnets[2]} t3.medium`, 1);
  const { exitCode, stdout, stderr } = await launch([...MASTERS, ...PLACE], {
    cwd: work,
    env: { ...NOWHERE, ...fake.env },
  });
  t.is(exitCode, 1);
  t.is(stdout.split('\n').length, 2, stdout);
  t.regex(stderr, /2 of 3 master nodes of demo are there: .*InsufficientInstanceCapacity/);
  t.regex(stderr, /`launch --role master --count 3 --cluster demo --provider aws` with the same settings/);
  t.regex(stderr, NO_STACK);
});
