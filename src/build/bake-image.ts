import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Gate } from '../gate/gate.js';
import type { Lock } from '../lock/lock.js';
import type { LockedArtifact, Plan } from '../plan/types.js';
import type { Progress } from '../progress.js';
import { requireTools } from '../tools/check-tools.js';
import { requireRoot } from '../tools/require-root.js';
import { imageFolderName, openImage } from './image-folder.js';
import { inspectDisk } from './inspect-disk.js';
import { layOutFiles } from './lay-out-files.js';
import { type EngineOutput, runEngine } from './run-engine.js';
import { makeWorkFolder, publishWorkFolder } from './work-folder.js';

export type Engine = 'mkosi' | 'packer';

export interface BakeOptions {
  gate: Gate;
  progress: Progress;
  plan: Plan;
  lock: Lock;
  engine: Engine;
  /** A disk to start from (engine packer); the catalog's official cloud image otherwise. */
  base?: string | undefined;
  mirror?: string | undefined;
  offline?: boolean | undefined;
  /** The folder images go to. */
  out: string;
}

/** What `bake image` gives back. */
export interface BakeResult {
  folder: string;
  imageId: string;
  /** True when the very image was there already and nothing was built. */
  unchanged: boolean;
}

/** What the steps hand on to each other. */
interface Bake extends BakeOptions {
  /** Becomes the image's folder when everything in it is finished. */
  work: string;
  overlay: string;
  engineOutput: EngineOutput;
}

/** The steps of a bake in order; each does one thing to `work` and says so. */
const STEPS: readonly ((bake: Bake) => Promise<void>)[] = [layOutPlan, buildDisk, inspect];

/**
 * Bakes an image into a folder of its own below `out`. The folder appears under its name only when it is complete; an
 * interrupted or failed bake leaves nothing.
 *
 * @throws KilnError OUT_DIR_UNWRITABLE, TOOL_MISSING, and whatever its steps throw
 */
export async function bakeImage(options: BakeOptions): Promise<BakeResult> {
  const { gate, plan, engine, out } = options;
  const folder = path.join(path.resolve(out), imageFolderName(plan, engine));
  const result = { folder, imageId: plan.id };
  if (await isFinished(folder, plan)) return { ...result, unchanged: true };
  if (!gate.dryRun) {
    requireTools(engine);
    requireRoot('Baking needs root: the files inside the finished disk are read with their owners');
  }
  const work = await makeWorkFolder(gate, path.resolve(out));
  const bake: Bake = { ...options, work, overlay: path.join(work, 'overlay'), engineOutput: { tools: {} } };
  try {
    for (const run of STEPS) await run(bake);
    await rm(bake.overlay, { recursive: true, force: true });
    await publishWorkFolder(gate, work, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return { ...result, unchanged: false };
}

async function layOutPlan(bake: Bake): Promise<void> {
  await layOutFiles({ ...bake, alsoFetch: baseToFetch(bake) });
}

/** The cloud image Packer starts from is fetched with the rest, so that all that is missing is told at once. */
function baseToFetch({ engine, base, plan }: Bake): LockedArtifact[] {
  if (engine !== 'packer' || base !== undefined || plan.base?.kind !== 'disk') return [];
  const { url, digest, source } = plan.base;
  if (digest === undefined) return [];
  return [
    { name: 'base image', version: plan.spec.os, arch: plan.spec.arch, kind: 'file', url, digest, source },
  ];
}

async function buildDisk(bake: Bake): Promise<void> {
  bake.engineOutput = await runEngine(bake);
}

async function inspect({ gate, progress, plan, lock, engine, work, engineOutput }: Bake): Promise<void> {
  progress.step('Looking into the finished disk: hygiene, manifest, SBOM');
  await inspectDisk({ gate, plan, lock, engine, engineOutput, folder: work });
}

/** The same image id, and the disk still as it was written: by size, since hashing it takes longer than anyone waits. */
async function isFinished(folder: string, plan: Plan): Promise<boolean> {
  const image = await openImage(folder).catch(() => undefined);
  if (image === undefined || image.manifest.imageId !== plan.id) return false;
  const disk = await stat(image.disk).catch(() => undefined);
  return disk?.size === image.manifest.disk.size;
}
