import { rename } from 'node:fs/promises';
import path from 'node:path';
import { KilnError } from '../errors.js';
import type { Gate } from '../gate/gate.js';
import type { Plan } from '../plan/types.js';
import type { Progress } from '../progress.js';
import type { Engine } from './bake-image.js';
import { DISK } from './image-folder.js';
import { makeOverlayTar } from './make-overlay-tar.js';

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

/** Builds `disk.raw` in the work folder with the engine asked for. */
export async function runEngine(input: EngineInput): Promise<void> {
  const disk = await (input.engine === 'mkosi' ? runMkosi : runPacker)(input);
  const target = path.join(input.work, DISK);
  if (!input.gate.dryRun && disk !== target) await rename(disk, target);
}

async function runMkosi({ gate, progress, plan, work, overlay }: EngineInput): Promise<string> {
  const { bakeWithMkosi } = await import('./mkosi/bake-with-mkosi.js');
  const workDir = path.join(work, 'mkosi');
  const { disk } = await bakeWithMkosi({ gate, plan, overlayDir: overlay, workDir, progress });
  return disk;
}

async function runPacker({ gate, progress, plan, base, mirror, offline, work, overlay }: EngineInput): Promise<string> {
  const { bakeWithPacker } = await import('./packer/bake-with-packer.js');
  const overlayTar = path.join(work, 'overlay.tar');
  await makeOverlayTar({ gate, tree: overlay, file: overlayTar });
  const { disk } = await bakeWithPacker({
    gate,
    plan,
    overlayTar,
    base: chooseBase(plan, base),
    workDir: path.join(work, 'packer'),
    mirror,
    progress,
    ...(offline === undefined ? {} : { offline }),
  });
  return disk;
}

/** @throws KilnError BASE_UNREACHABLE when the OS has no official image with a known digest and none was given. */
function chooseBase(plan: Plan, file: string | undefined): { file: string } | { url: string; digest: string } {
  if (file !== undefined) return { file };
  if (plan.base?.digest !== undefined) return { url: plan.base.url, digest: plan.base.digest };
  throw new KilnError('BASE_UNREACHABLE', `No digest is known for an official cloud image of ${plan.spec.os}`, {
    hint: 'Download one, check it, and give it with --base FILE.',
  });
}
