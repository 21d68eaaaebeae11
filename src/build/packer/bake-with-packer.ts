import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { detectAccelerator } from '../../boot/detect-accelerator.js';
import { findFirmware } from '../../boot/firmware.js';
import { makeSeed } from '../../boot/make-seed.js';
import type { Accelerator } from '../../boot/types.js';
import { KilnError } from '../../errors.js';
import type { Gate } from '../../gate/gate.js';
import { runCommand } from '../../gate/run-command.js';
import type { Plan } from '../../plan/types.js';
import type { Progress } from '../../progress.js';
import { renderTemplate } from '../../render/render-template.js';
import { requireTools } from '../../tools/check-tools.js';
import { settleFilesystem } from '../disk/settle-filesystem.js';
import { makeSshKey } from './make-ssh-key.js';
import { type OpenedBase, openBase, type PackerBase } from './open-base.js';
import { packerEnvironment, readPackerVersion, writeTemplates } from './packer-program.js';
import { packerSettings } from './packer-settings.js';
import { hasPlugins } from './render-packer-templates.js';
import { runPacker } from './run-packer.js';

const MEBIBYTE = 2 ** 20;
/** The machine Packer runs: enough for a package manager, and every host that boots the image has it. */
const MACHINE = { cpus: 2, memoryMebibytes: 2048 };
/** QEMU's own BIOS, found by name in its data folder. */
const BIOS = 'bios-256k.bin';
const CONSOLE_LINES = 8;

/** What a bake leaves in `workDir`. */
export interface PackerBake {
  /** The finished disk: raw, sparse. */
  disk: string;
  /** Installed packages, a line each: name, version and architecture, separated by tabs. */
  packages: string;
}

export interface PackerBakeOptions {
  gate: Gate;
  plan: Plan;
  /** The plan's files as an uncompressed tar, paths relative to the root. */
  overlayTar: string;
  base: PackerBase;
  /** An empty folder on the file system the image goes to. */
  workDir: string;
  mirror?: string | undefined;
  offline?: boolean;
  progress: Progress;
}

/**
 * Bakes a disk with Packer's qemu builder: boots a copy of the base image, installs the plan's packages over SSH, unpacks
 * the overlay, cleans up, powers off, and writes the disk as `disk.raw`. The key it enters with lives in a private folder
 * for this one run. Interrupted or failed, it leaves no virtual machine, key or disk.
 *
 * @throws KilnError TOOL_MISSING, BASE_UNREACHABLE, DIGEST_MISMATCH, IMAGE_INVALID, COMMAND_FAILED, INTERRUPTED.
 */
export async function bakeWithPacker(options: PackerBakeOptions): Promise<PackerBake> {
  const { gate, workDir } = options;
  requireTools('packer');
  const disk = path.join(workDir, 'disk.raw');
  const packages = path.join(workDir, 'packages.tsv');
  const action = { verb: 'write', target: disk, reason: 'the image, baked by Packer in a virtual machine' };
  await gate.perform(action, async () => {
    await mkdir(workDir, { recursive: true });
    // Short, as Packer makes sockets in it, and private, as the key is in it.
    const secret = await mkdtemp(path.join(tmpdir(), 'kiln-packer-'));
    const folder = path.join(workDir, 'packer');
    try {
      await bake({ ...options, secret, folder, disk, packages });
    } finally {
      await rm(secret, { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    }
  });
  return { disk, packages };
}

type Bake = PackerBakeOptions & { secret: string; folder: string; disk: string; packages: string };

async function bake(options: Bake): Promise<void> {
  const { gate, plan, folder, disk, progress } = options;
  await mkdir(folder, { recursive: true });
  const opened = await openBase(options);
  const accelerator = await detectAccelerator(gate);
  const packerVersion = await readPackerVersion(gate);
  const templates = path.join(folder, 'templates');
  await writeTemplates({ folder: templates, plan, target: 'disk', packerVersion });
  const variables = await writeVariables(options, opened, accelerator);
  const environment = packerEnvironment(options.secret, path.join(folder, 'cache'));
  const run = { gate, cwd: folder, environment, progress };
  progress.step(
    `Starting Packer ${packerVersion} (${accelerator === 'kvm' ? 'KVM' : 'without KVM: minutes, not seconds'})`,
  );
  if (hasPlugins(packerVersion)) await runPacker({ ...run, args: ['init', templates] });
  try {
    await runPacker({
      ...run,
      args: ['build', '-machine-readable', '-on-error=cleanup', `-var-file=${variables}`, templates],
    });
  } catch (error) {
    throw await withConsole(error, path.join(folder, 'console'));
  }
  progress.step('Writing the disk');
  const half = path.join(folder, 'disk.raw');
  const built = path.join(folder, 'out', 'kiln.qcow2');
  await runCommand(gate, {
    file: 'qemu-img',
    args: ['convert', '-f', 'qcow2', '-O', 'raw', built, half],
    reason: 'write the finished disk',
  });
  await settleFilesystem(gate, half);
  await rename(path.join(folder, 'packages.tsv'), options.packages);
  await rename(half, disk);
}

/** The key, the seed and everything else that belongs to this run only; returns the file of Packer variables. */
async function writeVariables(options: Bake, base: OpenedBase, accelerator: Accelerator): Promise<string> {
  const { gate, overlayTar, secret, folder } = options;
  const { builderUser, diskMebibytes } = packerSettings();
  const key = makeSshKey(builderUser);
  const keyFile = path.join(secret, 'key');
  await writeFile(keyFile, key.privateKey, { mode: 0o600 });
  const userData = renderTemplate('packer/seed.yaml.hbs', { builderUser, publicKey: key.publicKey });
  const seed = await makeSeed({
    gate,
    folder: secret,
    userData,
    metaData: `instance-id: ${path.basename(secret)}\n`,
  });
  const variables = {
    base: base.file,
    overlay: quoteForQemu(path.resolve(overlayTar)),
    seed: quoteForQemu(seed),
    ssh_private_key_file: keyFile,
    // Relative to the folder Packer runs in.
    output_directory: 'out',
    packages: 'packages.tsv',
    console: 'console',
    disk_size: `${Math.max(diskMebibytes, Math.ceil(base.size / MEBIBYTE))}M`,
    acceleration: accelerator === 'kvm' ? 'kvm' : 'tcg,thread=multi,tb-size=1024',
    cpu: accelerator === 'kvm' ? 'host' : 'max',
    cpus: MACHINE.cpus,
    memory_mebibytes: MACHINE.memoryMebibytes,
    firmware: base.firmware === 'uefi' ? findFirmware() : BIOS,
  };
  const file = path.join(folder, 'run.pkrvars.json');
  await writeFile(file, `${JSON.stringify(variables, null, 2)}\n`);
  return file;
}

/** A comma ends an option in QEMU's syntax, so one in a path is doubled. */
function quoteForQemu(file: string): string {
  return file.replaceAll(',', ',,');
}

/** A machine that never answered says why on its console, which goes away with the folder. */
async function withConsole(error: unknown, file: string): Promise<unknown> {
  if (!(error instanceof KilnError) || error.code !== 'COMMAND_FAILED') return error;
  const text = await readFile(file, 'latin1').catch(() => '');
  const lines = text
    .replaceAll('\r', '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  if (lines.length === 0) return error;
  const last = lines.slice(-CONSOLE_LINES).map((line) => `  | ${line}`);
  return new KilnError(
    'COMMAND_FAILED',
    `${error.message}\nThe machine's console ended with\n${last.join('\n')}`,
    {
      cause: error,
    },
  );
}
