import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { execa } from 'execa';
import { makeSshKey } from '../../../src/build/packer/make-ssh-key.js';
import type { PackerTarget } from '../../../src/build/packer/packer-settings.js';
import { renderPackerTemplates } from '../../../src/build/packer/render-packer-templates.js';
import { listOs } from '../../../src/catalog/load-catalog.js';
import type { Plan } from '../../../src/plan/types.js';
import { smallPlan } from './plan.js';

/** The templates for newer Packers need plugins from the network, so what is checked here is what 1.6 is given. */
const PACKER = '1.6.6';
const ENVIRONMENT = { CHECKPOINT_DISABLE: '1', PACKER_NO_COLOR: '1' };

async function writeTemplates(
  t: ExecutionContext,
  os: string,
  target: PackerTarget,
  changes: Partial<Plan> = {},
): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kiln-test-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const plan = { ...smallPlan(os), ...changes };
  for (const file of renderPackerTemplates({ plan, target, packerVersion: PACKER })) {
    await mkdir(path.dirname(path.join(folder, file.path)), { recursive: true });
    await writeFile(path.join(folder, file.path), file.content);
  }
  await writeFile(path.join(folder, 'key'), makeSshKey('test').privateKey, { mode: 0o600 });
  await writeFile(path.join(folder, 'file'), 'content\n');
  return folder;
}

function variables(folder: string, target: PackerTarget): Record<string, unknown> {
  const file = path.join(folder, 'file');
  const shared = { overlay: file, packages: file };
  if (target === 'aws') {
    const security = {
      temporary_security_group_source_cidrs: ['203.0.113.7/32'],
      root_device_name: '/dev/xvda',
      source_ami: 'ami-0123456789abcdef0',
      ssh_private_key_file: path.join(folder, 'key'),
    };
    return {
      ...shared,
      ...security,
      region: 'eu-central-1',
      run_id: 'test',
      manifest: file,
      overlay_sha256: 'abc',
    };
  }
  const machine = { acceleration: 'tcg', cpu: 'max', firmware: file, console: file, disk_size: '8192M' };
  const access = { seed: file, ssh_private_key_file: path.join(folder, 'key') };
  return { ...shared, ...machine, ...access, base: file, output_directory: path.join(folder, 'out') };
}

async function validate(
  folder: string,
  values: Record<string, unknown>,
): Promise<{ failed: boolean; output: string }> {
  await writeFile(path.join(folder, 'run.pkrvars.json'), JSON.stringify(values));
  const args = ['validate', `-var-file=${path.join(folder, 'run.pkrvars.json')}`, folder];
  const { failed, all } = await execa('packer', args, { all: true, reject: false, env: ENVIRONMENT });
  return { failed, output: all };
}

for (const os of listOs()) {
  for (const target of ['disk', 'aws'] as const) {
    test(`${os} for ${target} passes packer validate, and is laid out as packer fmt does`, async (t) => {
      const folder = await writeTemplates(t, os, target);
      const { failed, output } = await validate(folder, variables(folder, target));
      t.false(failed, output);
      const format = await execa('packer', ['fmt', '-check', '-diff', folder], {
        reject: false,
        env: ENVIRONMENT,
      });
      t.is(format.exitCode, 0, format.stdout);
    });
  }
}

for (const source of ['0.0.0.0/0', '::/0']) {
  test(`letting ${source} in while the AMI is baked does not pass`, async (t) => {
    const folder = await writeTemplates(t, 'debian12', 'aws');
    const values = {
      ...variables(folder, 'aws'),
      temporary_security_group_source_cidrs: ['203.0.113.7/32', source],
    };
    const { failed, output } = await validate(folder, values);
    t.true(failed);
    t.regex(output, /the whole internet\s+is refused/);
  });
}

/** Each ends the string it stands in, or is an expression of HCL or of Packer's own template language. */
const HOSTILE = [
  '1.36"\n}\nvariable "x" {\n  default = "',
  '$${file("/etc/hostname")}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of HCL's, not of this language
  '${file("/etc/hostname")}',
  '%{ if true }yes%{ endif }',
  '{{ env `PATH` }}{{{ no_such_function }}',
  'back\\slash\ttab\u0007bell',
];

for (const [index, text] of HOSTILE.entries()) {
  test(`text of a plan is text to Packer, whatever it says (${index + 1})`, async (t) => {
    const { spec } = smallPlan('debian12');
    const folder = await writeTemplates(t, 'debian12', 'aws', {
      spec: { ...spec, kubernetes: text, network: text as 'flannel' },
      kernelArguments: [text],
    });
    const { failed, output } = await validate(folder, variables(folder, 'aws'));
    t.false(failed, output);
    const { stdout } = await execa('packer', ['inspect', folder], { env: ENVIRONMENT });
    t.regex(stdout, /\\"kiln:kubernetes\\" = \\"[\w .:/=+@-]+\\"\\n/);
    t.regex(await readFile(path.join(folder, 'amazon-ebs.pkr.hcl'), 'utf8'), /ami_name += "[\w.-]+"\n/);
  });
}

test('a kernel argument reaches its script as it is, and runs nothing', async (t) => {
  const folder = await writeTemplates(t, 'debian12', 'disk', {
    kernelArguments: ["a='b c'", "\"; touch ran; '; touch ran; '", '$(touch ran)'],
  });
  const build = await readFile(path.join(folder, 'build.pkr.hcl'), 'utf8');
  const [, command = ''] = /inline = \["sudo -n env (KILN_KERNEL_ARGUMENTS=.*) \/bin\/sh/.exec(build) ?? [];
  // What HCL makes of the text in quotes; it has the escapes of JSON.
  const script = `${JSON.parse(`"${command}"`)} /usr/bin/printenv KILN_KERNEL_ARGUMENTS`;
  const { stdout } = await execa('env', ['-C', folder, 'sh', '-c', script]);
  t.is(stdout, `a='b c' "; touch ran; '; touch ran; ' $(touch ran)`);
  t.false(existsSync(path.join(folder, 'ran')));
});

test('a template with a setting Packer does not know does not pass', async (t) => {
  const folder = await writeTemplates(t, 'debian12', 'disk');
  const template = path.join(folder, 'qemu.pkr.hcl');
  await writeFile(
    template,
    (await readFile(template, 'utf8')).replace('source "qemu" "kiln" {', '$&\n  no_such_setting = true'),
  );
  const { failed, output } = await validate(folder, variables(folder, 'disk'));
  t.true(failed);
  t.regex(output, /no_such_setting/);
});
