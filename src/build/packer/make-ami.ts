import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { KilnError } from '../../errors.js';
import type { Gate } from '../../gate/gate.js';
import type { Plan } from '../../plan/types.js';
import type { Progress } from '../../progress.js';
import type { BaseAmi } from '../../providers/aws/newest-base.js';
import { renderTemplate } from '../../render/render-template.js';
import { amiVariables, DRY_RUN, PACKAGE_TABLE, PACKER_MANIFEST } from './ami-variables.js';
import type { BuilderSettings } from './builder-settings.js';
import { makeSshKey } from './make-ssh-key.js';
import { packerEnvironment, readPackerVersion, writeTemplates } from './packer-program.js';
import { hasPlugins } from './render-packer-templates.js';
import { runPacker } from './run-packer.js';

/** Packer terminates the builder and waits until it is gone before it removes its security group. */
const CLEAN_UP_TIME = 900_000;
const REASON = 'bake the AMI in a builder instance';

export interface MakeAmiOptions {
  gate: Gate;
  progress: Progress;
  plan: Plan;
  /** The plan's files as a tar, compressed or not. */
  overlay: string;
  sourceAmi: string;
  /** What AWS says of it; `undefined` in a dry run. */
  base: BaseAmi | undefined;
  settings: BuilderSettings;
  /** An empty folder for this run. */
  workDir: string;
  /** How long the builder may take until it lets Packer in; default: `packer/settings.yaml`. */
  sshTimeout?: string | undefined;
}

export interface MadeAmi {
  id: string;
  /** What the builder itself says is installed: a line each, name, version and architecture, separated by tabs. */
  packageTable: string;
  tools: Record<string, string>;
}

/**
 * Makes an AMI with Packer's amazon-ebs builder: starts the base AMI, provisions it over SSH with a key made for this one
 * run, and registers its disk. Credentials are what Packer finds in the environment or the profile; they are written nowhere.
 * Interrupted or failed, Packer terminates the builder and removes its security group. `undefined` in a dry run.
 *
 * @throws KilnError TOOL_MISSING, COMMAND_FAILED with what Packer said last, INTERRUPTED, AWS_FAILED.
 */
export async function makeAmi(options: MakeAmiOptions): Promise<MadeAmi | undefined> {
  const { gate, workDir, settings } = options;
  if (gate.dryRun) {
    await run(options, { variables: await amiVariables(options, DRY_RUN), version: '', secret: workDir });
    return undefined;
  }
  const version = await readPackerVersion(gate);
  await mkdir(workDir, { recursive: true });
  // Short, as Packer makes sockets in it, and private, as the key is in it.
  const secret = await mkdtemp(path.join(tmpdir(), 'kiln-packer-'));
  try {
    await writeTemplates({
      folder: path.join(workDir, TEMPLATES),
      plan: options.plan,
      target: 'aws',
      packerVersion: version,
    });
    const files = { ...(await writeKey(secret, settings)), runId: path.basename(secret), version };
    await run(options, { variables: await amiVariables(options, files), version, secret });
    return {
      id: readArtifact(await readFile(path.join(workDir, PACKER_MANIFEST), 'utf8'), settings.region),
      packageTable: await readFile(path.join(workDir, PACKAGE_TABLE), 'utf8'),
      tools: { packer: version },
    };
  } finally {
    await rm(secret, { recursive: true, force: true });
  }
}

const TEMPLATES = 'templates';
const VARIABLES = 'run.pkrvars.json';

async function run(
  { gate, workDir, progress }: MakeAmiOptions,
  { variables, version, secret }: { variables: Record<string, unknown>; version: string; secret: string },
): Promise<void> {
  const shared = {
    gate,
    cwd: workDir,
    environment: {
      ...packerEnvironment(secret, path.join(workDir, 'cache')),
      // Packer before 1.7 reads ~/.aws/config, where a profile's role and region are, only when told so.
      AWS_SDK_LOAD_CONFIG: process.env.AWS_SDK_LOAD_CONFIG ?? '1',
    },
    progress,
    reason: REASON,
    cleanUpTime: CLEAN_UP_TIME,
  };
  if (!gate.dryRun) {
    progress.step(`Starting Packer ${version}`);
    await writeFile(path.join(workDir, VARIABLES), `${JSON.stringify(variables, null, 2)}\n`);
    if (hasPlugins(version)) await runPacker({ ...shared, args: ['init', TEMPLATES] });
  }
  await runPacker({
    ...shared,
    args: ['build', '-machine-readable', '-on-error=cleanup', `-var-file=${VARIABLES}`, TEMPLATES],
    parameters: variables,
  });
}

/** The key of this run and what lets it in; the user's own file where one is set. */
async function writeKey(
  secret: string,
  { sshPrivateKeyFile }: BuilderSettings,
): Promise<{ keyFile: string; userDataFile: string }> {
  const userDataFile = path.join(secret, 'user-data');
  if (sshPrivateKeyFile !== undefined) return { keyFile: path.resolve(sshPrivateKeyFile), userDataFile };
  const key = makeSshKey('kiln');
  const keyFile = path.join(secret, 'key');
  await writeFile(keyFile, key.privateKey, { mode: 0o600 });
  await writeFile(
    userDataFile,
    renderTemplate('packer/builder-user-data.yaml.hbs', { publicKey: key.publicKey }),
  );
  return { keyFile, userDataFile };
}

/** Reads what Packer's `manifest` post-processor wrote: `"eu-west-1:ami-…,us-east-1:ami-…"`. @throws KilnError AWS_FAILED. */
export function readArtifact(manifest: string, region: string): string {
  const { builds = [] } = JSON.parse(manifest) as { builds?: { artifact_id?: string }[] };
  const ids = builds.flatMap(({ artifact_id = '' }) => artifact_id.split(','));
  const id = ids
    .find((entry) => entry.startsWith(`${region}:`))
    ?.slice(region.length + 1)
    .trim();
  if (id !== undefined && /^ami-[0-9a-f]+$/.test(id)) return id;
  throw new KilnError('AWS_FAILED', `Packer ended well, but its manifest names no AMI in ${region}`);
}
