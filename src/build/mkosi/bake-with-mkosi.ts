import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder } from '../../artifacts/cache.js';
import { loadOs } from '../../catalog/load-catalog.js';
import type { Gate } from '../../gate/gate.js';
import type { Plan } from '../../plan/types.js';
import type { Progress } from '../../progress.js';
import type { RenderedFile } from '../../render/render-template.js';
import { ensureToolbox } from '../toolbox/ensure-toolbox.js';
import { runInToolbox } from '../toolbox/run-in-toolbox.js';
import type { Bind, Toolbox } from '../toolbox/toolbox.js';
import { chooseTree } from './choose-tree.js';
import { explainFailure } from './explain-failure.js';
import { archivesOf } from './mkosi-facts.js';
import { PLACES } from './places.js';
import { renderMkosiConfig } from './render-mkosi-config.js';
import { completeTree, type Tree } from './tree-cache.js';

export interface MkosiResult {
  /** The raw disk, below `workDir`: still to be moved to where finished images are. */
  disk: string;
  toolbox: Toolbox;
}

interface Bake {
  gate: Gate;
  plan: Plan;
  progress: Progress;
  config: readonly RenderedFile[];
  overlayDir: string;
  workDir: string;
  offline: boolean;
  toolbox: Toolbox;
}

/** mkosi marks the beginning of each of its steps so. */
const STEP = /^‣\s*/;
/** Folders below `workDir`, emptied before each bake. */
const WORK_FOLDERS = ['config', 'output', 'workspace', 'temporary'] as const;

/**
 * Makes a raw, UEFI-bootable disk of the plan with mkosi in the toolbox: packages from the distribution's signed archive
 * (kept in the cache, so only a change of packages or of the archive installs them again), then the overlay, then the
 * finishing scripts. `workDir` holds everything this bake writes but the caches; it needs about 4 GB.
 *
 * @param overlayDir the planned files at their paths on the node, as `writeOverlay` leaves them.
 * @throws KilnError ROOT_NEEDED, TOOL_MISSING, PAIR_REFUSED, ARTIFACTS_MISSING (offline), BASE_UNREACHABLE, DISK_FULL,
 *   COMMAND_FAILED with mkosi's last lines.
 */
export async function bakeWithMkosi({
  gate,
  plan,
  overlayDir,
  workDir,
  progress,
  offline = false,
}: {
  gate: Gate;
  plan: Plan;
  overlayDir: string;
  workDir: string;
  progress: Progress;
  /** Touch no network: works when these packages were installed by an earlier bake. */
  offline?: boolean | undefined;
}): Promise<MkosiResult> {
  const config = renderMkosiConfig({ plan });
  const toolbox = await ensureToolbox({ gate, progress, offline });
  const bake: Bake = { gate, plan, progress, config, overlayDir, workDir, offline, toolbox };
  progress.step(`Building the disk of ${plan.spec.os} with mkosi`);
  const tree = await chooseTree(bake);
  await gate.perform(
    { verb: 'write', target: path.join(workDir, 'config'), reason: "mkosi's configuration" },
    () => prepare(bake, tree),
  );
  try {
    await runMkosi(bake, tree);
  } finally {
    if (!gate.dryRun) await removeLeftovers(workDir);
  }
  if (!gate.dryRun)
    await completeTree(tree, {
      archives: archivesOf({ os: loadOs(plan.spec.os), base: plan.base }),
      arch: plan.spec.arch,
      signal: gate.signal,
    });
  return { disk: path.join(workDir, 'output', 'disk.raw'), toolbox };
}

async function prepare({ plan, config, overlayDir, workDir }: Bake, { folder }: Tree): Promise<void> {
  for (const name of WORK_FOLDERS) {
    await rm(path.join(workDir, name), { recursive: true, force: true });
    await mkdir(path.join(workDir, name), { recursive: true });
  }
  await mkdir(overlayDir, { recursive: true });
  await mkdir(folder, { recursive: true });
  await mkdir(packageFolder(plan), { recursive: true });
  for (const file of config) {
    const target = path.join(workDir, 'config', file.path);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, file.content, { mode: Number.parseInt(file.mode ?? '0644', 8) });
  }
}

async function runMkosi(
  { gate, plan, progress, overlayDir, workDir, offline, toolbox }: Bake,
  tree: Tree,
): Promise<void> {
  const binds: Bind[] = [
    { source: workDir, target: PLACES.work },
    { source: overlayDir, target: PLACES.overlay, readOnly: true },
    // What systemd-repart keeps for a moment is as large as the disk.
    { source: path.join(workDir, 'temporary'), target: '/var/tmp' },
    { source: tree.folder, target: PLACES.cache },
    { source: packageFolder(plan), target: PLACES.packages },
  ];
  const command = {
    // Two bakes at once would write the same cached tree: the second waits.
    file: 'flock',
    args: [`${PLACES.cache}/lock`, 'mkosi', '--directory', PLACES.config, '--force', 'build'],
    onLine(line: string) {
      if (STEP.test(line)) progress.note(line.replace(STEP, ''));
    },
    reason: 'build the disk',
  };
  await runInToolbox(gate, toolbox, command, { binds, offline }).catch((error: unknown) => {
    throw explainFailure(error, workDir);
  });
}

async function removeLeftovers(workDir: string): Promise<void> {
  for (const name of ['workspace', 'temporary']) {
    await rm(path.join(workDir, name), { recursive: true, force: true });
  }
}

/** Downloaded packages and the archive's indexes, shared by every bake of an OS. */
function packageFolder({ spec }: Plan): string {
  return cacheFolder('mkosi', 'packages', `${spec.os}-${spec.arch}`);
}
