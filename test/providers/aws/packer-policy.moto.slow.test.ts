import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import test, { type ExecutionContext } from 'ava';
import { execa } from 'execa';
import { makeSshKey } from '../../../src/build/packer/make-ssh-key.js';
import {
  packerEnvironment,
  readPackerVersion,
  writeTemplates,
} from '../../../src/build/packer/packer-program.js';
import { createGate } from '../../../src/gate/gate.js';
import { clientConfig } from '../../helpers/aws-environment.js';
import { type Moto, startMoto } from '../../helpers/moto.js';
import { planOf } from '../../helpers/plans.js';
import { makeMotoUser } from './moto-user.js';
import { actionsOf, readPolicy } from './policies.js';

/**
 * Real Packer runs kiln's own amazon-ebs source against moto: once to the end without entering the machine, once with a machine
 * that lets nobody in. What it then asked for is what the policy holds. What Packer would do besides, to take back an AMI that was
 * interrupted while it was registered, kiln does not allow it: who may delete by a tag may delete what he may tag.
 */
const ONLY_ELSEWHERE = [
  // Whether the region is one is not asked of a double.
  'ec2:DescribeRegions',
  // Plugins of Packer 1.7 and later. Source: the Amazon plugin's list of what it needs, v1.8.
  'ec2:DescribeInstanceStatus',
  'ec2:EnableImageDeprecation',
];

test('bake-image.json holds what Packer asks for', async (t) => {
  const moto = await startMoto(t);
  const allowed = actionsOf(readPolicy('bake-image'));
  const subnet = await firstSubnet(moto);
  const user = await makeMotoUser(moto);
  const known = (await moto.requests()).length;
  moto.env = user.env;
  await user.allow(allowed.filter((action) => action !== 'ec2:CreateImage'));
  const refused = await runPacker(t, moto, {});
  t.not(refused.exitCode, 0);
  // In words of IAM's, which Packer cannot read.
  t.regex(refused.all ?? '', /status code: 403/);
  await user.allow(allowed);
  const done = await runPacker(t, moto, {});
  t.is(done.exitCode, 0, done.all);
  const failed = await runPacker(t, moto, { subnet });
  t.not(failed.exitCode, 0);
  t.regex(failed.all ?? '', /[Tt]imeout waiting for SSH/);
  const asked = new Set((await moto.requests()).slice(known).map(({ action }) => action));
  asked.delete('iam:PutUserPolicy');
  t.deepEqual([...asked].filter((action) => !allowed.includes(action)).sort(), [], 'asked for, not allowed');
  t.deepEqual(
    [...allowed].filter((action) => !asked.has(action) && !ONLY_ELSEWHERE.includes(action)).sort(),
    [],
    'allowed, not asked for',
  );
});

/** With a subnet: in it, and by SSH, to a port where nobody is. */
async function runPacker(t: ExecutionContext, moto: Moto, { subnet }: { subnet?: string }) {
  const ssh = subnet !== undefined;
  const folder = await mkdtemp(path.join(tmpdir(), 'kiln-packer-policy-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await writeTemplates({
    folder,
    plan: planOf(ssh ? 'debian13' : 'debian12'),
    target: 'aws',
    packerVersion: await readPackerVersion(createGate({})),
  });
  await writeFile(path.join(folder, 'build.pkr.hcl'), BUILD);
  const source = path.join(folder, 'amazon-ebs.pkr.hcl');
  const text = await readFile(source, 'utf8');
  const owned = text.replace(/owners = \["\d+"\]/, `owners = ["${OWNER}"]`);
  t.not(owned, text);
  await writeFile(source, ssh ? owned : owned.replace(/communicator( +)= "ssh"/, 'communicator$1= "none"'));
  await writeFile(path.join(folder, 'key'), makeSshKey('kiln').privateKey, { mode: 0o600 });
  const variables = {
    region: 'us-east-1',
    temporary_security_group_source_cidrs: ['203.0.113.7/32'],
    source_ami: AMI,
    root_device_name: '/dev/xvda',
    ...{ overlay: '/dev/null', run_id: 'test', manifest: path.join(folder, 'manifest.json') },
    ssh_private_key_file: path.join(folder, 'key'),
    custom_endpoint_ec2: moto.url,
    // Once in the default network, once in a subnet that is named.
    ...(ssh ? { subnet_id: subnet, ssh_host: '127.0.0.1', ssh_port: 1, ssh_timeout: '5s' } : {}),
  };
  await writeFile(path.join(folder, 'run.pkrvars.json'), JSON.stringify(variables));
  return await execa('packer', ['build', `-var-file=${path.join(folder, 'run.pkrvars.json')}`, folder], {
    all: true,
    reject: false,
    env: { ...moto.env, ...packerEnvironment(folder, path.join(folder, 'cache')) },
  });
}

async function firstSubnet(moto: Moto): Promise<string> {
  const client = new EC2Client(clientConfig(moto));
  const { Subnets = [] } = await client.send(new DescribeSubnetsCommand({}));
  return Subnets[0]?.SubnetId ?? '';
}

/** One of the images moto has from the start, and its owner. */
const AMI = 'ami-03cf127a';
const OWNER = '801119661308';
const BUILD = 'build {\n  sources = ["source.amazon-ebs.kiln"]\n}\n';
