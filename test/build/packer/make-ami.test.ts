import test from 'ava';
import type { BuilderSettings } from '../../../src/build/packer/builder-settings.js';
import { makeAmi, readArtifact } from '../../../src/build/packer/make-ami.js';
import { createGate } from '../../../src/gate/gate.js';
import { silentProgress } from '../../../src/progress.js';
import { smallPlan } from './plan.js';

const manifest = (artifact_id: string): string => JSON.stringify({ builds: [{ artifact_id }] });

test('the AMI’s id is read from Packer’s manifest, by region', (t) => {
  const two = manifest('eu-west-1:ami-0a1,us-east-1:ami-0b2');
  t.is(readArtifact(two, 'us-east-1'), 'ami-0b2');
  t.is(readArtifact(two, 'eu-west-1'), 'ami-0a1');
});

for (const [what, text] of [
  ['another region', manifest('eu-west-1:ami-0a1')],
  ['no build', '{"builds": []}'],
  ['no AMI', manifest('us-east-1:')],
] as const) {
  test(`a manifest with ${what} is no success`, (t) => {
    t.throws(() => readArtifact(text, 'us-east-1'), { code: 'AWS_FAILED', message: /names no AMI/ });
  });
}

const settings: BuilderSettings = {
  region: 'eu-west-1',
  adminCidrs: ['203.0.113.7/32'],
  instanceType: 'm7i.large',
  subnet: 'subnet-01234567',
  sshInterface: 'private_ip',
  sshHost: undefined,
  sshPort: undefined,
  sshPrivateKeyFile: undefined,
  instanceProfile: undefined,
  kmsKeyId: 'alias/images',
};

async function variablesOf(changes: Partial<BuilderSettings>): Promise<Record<string, unknown>> {
  const gate = createGate({ dryRun: true });
  const options = { gate, progress: silentProgress, plan: smallPlan('debian12'), overlay: 'overlay.tar.gz' };
  const bake = { ...options, base: undefined, sourceAmi: 'ami-0000000000000002b', workDir: '/nonexistent' };
  const made = await makeAmi({ ...bake, settings: { ...settings, ...changes } });
  if (made !== undefined) throw new Error('a dry run made something');
  const [action, ...others] = gate.actions;
  if (action === undefined || others.length > 0) throw new Error('not one action');
  if (!action.target.startsWith('packer build ')) throw new Error(action.target);
  return action.parameters as Record<string, unknown>;
}

test.serial('a dry run shows what Packer would be given, and starts nothing', async (t) => {
  delete process.env.AWS_ENDPOINT_URL;
  t.like(await variablesOf({}), {
    region: 'eu-west-1',
    source_ami: 'ami-0000000000000002b',
    temporary_security_group_source_cidrs: ['203.0.113.7/32'],
    instance_type: 'm7i.large',
    subnet_id: 'subnet-01234567',
    ssh_interface: 'private_ip',
    kms_key_id: 'alias/images',
    volume_size_gibibytes: 8,
  });
  const names = Object.keys(await variablesOf({}));
  for (const name of ['ssh_host', 'ssh_port', 'custom_endpoint_ec2', 'deprecate_at', 'iam_instance_profile'])
    t.false(names.includes(name), name);
});

test.serial(
  'a machine reached by way of another host, with its own key, is given no user data',
  async (t) => {
    const own = await variablesOf({ sshHost: 'bastion', sshPort: 2222, sshPrivateKeyFile: 'key' });
    t.like(own, { ssh_host: 'bastion', ssh_port: 2222 });
    t.false('user_data_file' in own);
    t.true('user_data_file' in (await variablesOf({ sshHost: 'bastion' })));
  },
);

test.serial('what settings say is no template to Packer', async (t) => {
  t.is((await variablesOf({ sshHost: 'a{{ env `HOME` }}' })).ssh_host, 'a{{"{{"}} env `HOME` }}');
});

test.serial('Packer is told of another endpoint: EC2’s own before the one for all', async (t) => {
  process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:1';
  t.is((await variablesOf({})).custom_endpoint_ec2, 'http://127.0.0.1:1');
  process.env.AWS_ENDPOINT_URL_EC2 = 'http://127.0.0.1:2';
  t.is((await variablesOf({})).custom_endpoint_ec2, 'http://127.0.0.1:2');
  delete process.env.AWS_ENDPOINT_URL;
  delete process.env.AWS_ENDPOINT_URL_EC2;
});
