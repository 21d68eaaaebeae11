import { readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { KilnError } from '../errors.js';
import type { Gate } from '../gate/gate.js';
import type { Plan } from '../plan/types.js';
import type { Progress } from '../progress.js';
import { checkTools } from '../tools/check-tools.js';
import type { Engine } from './bake-image.js';
import { DISK } from './image-folder.js';
import { makeOverlayTar } from './make-overlay-tar.js';
import { readPackages } from './manifest/read-packages.js';

/** What an engine is given. */
export interface EngineInput {
  gate: Gate;
  progress: Progress;
  plan: Plan;
  engine: Engine;
  base?: string | undefined;
  mirror?: string | undefined;
  offline?: boolean | undefined;
  /** Gets the finished `disk.raw`. */
  work: string;
  /** The planned files at their paths on the node. */
  overlay: string;
}

/** What an engine says of its work. */
export interface EngineOutput {
  /** Programs that made the disk, with their versions. */
  tools: Record<string, string>;
  /** Installed packages as a table, where the disk's own record of them cannot be read from outside (RPM). */
  packageTable?: string;
}

/** Builds `disk.raw` in the work folder with the engine asked for; takes away what else the engine left there. */
export async function runEngine(input: EngineInput): Promise<EngineOutput> {
  const { disk, ...output } = await (input.engine === 'mkosi' ? runMkosi : runPacker)(input);
  await input.gate.perform({ verb: 'write', target: path.join(input.work, DISK) }, async () => {
    await rename(disk, path.join(input.work, DISK));
    for (const name of [ENGINE_FOLDER, OVERLAY_TAR])
      await rm(path.join(input.work, name), { recursive: true, force: true });
  });
  return output;
}

/** The engine's own work folder inside the bake's. */
const ENGINE_FOLDER = 'engine';
const OVERLAY_TAR = 'overlay.tar';

async function runMkosi({
  gate,
  progress,
  plan,
  offline,
  work,
  overlay,
}: EngineInput): Promise<EngineOutput & { disk: string }> {
  const { bakeWithMkosi } = await import('./mkosi/bake-with-mkosi.js');
  const workDir = path.join(work, ENGINE_FOLDER);
  const { disk, toolbox } = await bakeWithMkosi({
    gate,
    plan,
    overlayDir: overlay,
    workDir,
    offline,
    progress,
  });
  if (gate.dryRun) return { disk, tools: {} };
  const packages = await readPackages(toolbox.root);
  const versions = packages
    .filter(({ name }) => MKOSI_TOOLS.has(name))
    .map(({ name, version }) => [name, version]);
  return { disk, tools: { ...Object.fromEntries(versions), toolbox: toolbox.digest } };
}

/** What of the toolbox decides how a disk comes out. */
const MKOSI_TOOLS = new Set([
  'mkosi',
  'systemd-repart',
  'systemd-ukify',
  'systemd-boot-efi',
  'e2fsprogs',
  'dosfstools',
]);

async function runPacker({
  gate,
  progress,
  plan,
  base,
  mirror,
  offline,
  work,
  overlay,
}: EngineInput): Promise<EngineOutput & { disk: string }> {
  const { bakeWithPacker } = await import('./packer/bake-with-packer.js');
  const overlayTar = path.join(work, OVERLAY_TAR);
  await makeOverlayTar({ gate, tree: overlay, file: overlayTar });
  const { disk, packages } = await bakeWithPacker({
    gate,
    plan,
    overlayTar,
    base: chooseBase(plan, base),
    workDir: path.join(work, ENGINE_FOLDER),
    mirror,
    progress,
    ...(offline === undefined ? {} : { offline }),
  });
  if (gate.dryRun) return { disk, tools: {} };
  const states = await checkTools(['packer']);
  const versions = states.flatMap(({ tool, version }) =>
    version === undefined ? [] : [[tool.name, version] as const],
  );
  return { disk, tools: Object.fromEntries(versions), packageTable: await readFile(packages, 'utf8') };
}

/** @throws KilnError BASE_UNREACHABLE when the OS has no official image with a known digest and none was given. */
function chooseBase(
  plan: Plan,
  file: string | undefined,
): { file: string } | { url: string; digest: string } {
  if (file !== undefined) return { file };
  if (plan.base?.kind === 'disk' && plan.base.digest !== undefined)
    return { url: plan.base.url, digest: plan.base.digest };
  throw new KilnError(
    'BASE_UNREACHABLE',
    `No digest is known for an official cloud image of ${plan.spec.os}`,
    {
      hint: 'Download one, check it, and give it with --base FILE.',
    },
  );
}
