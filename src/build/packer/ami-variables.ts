import path from 'node:path';
import { digestFile } from '../../artifacts/digest.js';
import type { TemplateRecord } from '../../render/render-template.js';
import { forVariables } from './for-hcl.js';
import type { MakeAmiOptions } from './make-ami.js';
import { packerSettings } from './packer-settings.js';
import { hasPlugins } from './render-packer-templates.js';
import { sourceCommit } from './source-commit.js';
import { tagValue } from './tag-value.js';

/** Files Packer writes in the folder it runs in. */
export const PACKER_MANIFEST = 'packer-manifest.json';
export const PACKAGE_TABLE = 'packages.tsv';

const DAY = 86_400_000;

/** What a run has that another has not. */
export interface RunFacts {
  keyFile: string;
  userDataFile: string;
  runId: string;
  version: string;
}

export const DRY_RUN: RunFacts = {
  keyFile: '(made for the run)',
  userDataFile: '(lets that key in)',
  runId: '(made for the run)',
  version: '',
};

/** Variables of one run of the `amazon-ebs` templates; those not set keep their defaults there. */
export async function amiVariables(options: MakeAmiOptions, facts: RunFacts): Promise<TemplateRecord> {
  const { gate, overlay, sourceAmi, base, settings } = options;
  const { diskMebibytes, deprecateAfterDays } = packerSettings();
  const variables = {
    region: settings.region,
    source_ami: sourceAmi,
    root_device_name: base?.rootDeviceName ?? '(as the base says)',
    volume_size_gibibytes: Math.max(diskMebibytes / 1024, base?.rootGibibytes ?? 0),
    temporary_security_group_source_cidrs: settings.adminCidrs,
    overlay: path.resolve(overlay),
    overlay_sha256: gate.dryRun ? '(of the archive)' : (await digestFile(overlay)).replace('sha256:', ''),
    run_id: facts.runId,
    bake_tags: await bakeTags(options),
    // Relative to the folder Packer runs in.
    manifest: PACKER_MANIFEST,
    packages: PACKAGE_TABLE,
    ssh_private_key_file: facts.keyFile,
    user_data_file: settings.sshPrivateKeyFile === undefined ? facts.userDataFile : undefined,
    instance_type: settings.instanceType,
    subnet_id: settings.subnet,
    kms_key_id: settings.kmsKeyId,
    ssh_interface: settings.sshInterface,
    ssh_host: settings.sshHost,
    ssh_port: settings.sshPort,
    ssh_timeout: options.sshTimeout,
    iam_instance_profile: settings.instanceProfile,
    // The SDK takes the endpoint from these by itself; Packer has to be told.
    custom_endpoint_ec2: process.env.AWS_ENDPOINT_URL_EC2 || process.env.AWS_ENDPOINT_URL || undefined,
    deprecate_at:
      facts.version !== '' && hasPlugins(facts.version)
        ? new Date(Date.now() + deprecateAfterDays * DAY).toISOString().replace(/\.\d+Z$/, 'Z')
        : undefined,
  };
  const set = Object.entries(variables).filter((entry) => entry[1] !== undefined);
  return forVariables(Object.fromEntries(set) as TemplateRecord);
}

async function bakeTags({ gate, sourceAmi, base }: MakeAmiOptions): Promise<Record<string, string>> {
  const commit = gate.dryRun ? undefined : await sourceCommit(gate);
  return {
    'kiln:base': base === undefined ? sourceAmi : tagValue(`${sourceAmi} ${base.base.name}`),
    ...(commit === undefined ? {} : { 'kiln:source-commit': commit }),
  };
}
