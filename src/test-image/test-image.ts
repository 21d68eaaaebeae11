import { cpus, freemem } from 'node:os';
import path from 'node:path';
import { runParallel } from '../artifacts/run-parallel.js';
import type { Rig } from '../boot/rig.js';
import type { FinishedImage } from '../build/image-folder.js';
import type { Gate } from '../gate/gate.js';
import type { Progress } from '../progress.js';
import { bootCells } from './boot-cells.js';
import { compareClones } from './checks/clone-checks.js';
import { checkDisk } from './disk/check-disk.js';
import { type CellRun, runCell } from './run-cell.js';
import type { BootCell, CheckResult, TestReport } from './types.js';

export interface TestOptions {
  gate: Gate;
  image: FinishedImage;
  /** Cells to boot; the rest of the matrix is reported as left out. */
  cells: readonly BootCell[];
  rig: Rig;
  /** How many machines run at once; by default what processors and memory allow. */
  jobs?: number | undefined;
  progress: Progress;
}

/** What one machine takes: processors, and bytes of memory. User-mode Linux has one; of an emulated machine's two little more than one is busy. */
const PROCESSORS = { kvm: 2, tcg: 1, uml: 1 } as const;
const MEMORY = 2.5 * 2 ** 30;

/**
 * Proves a finished image: checks its disk at rest, boots it in every cell asked for, checks each boot against the plan
 * and the machines against each other. Writes nothing to the image. `undefined` in a dry run.
 *
 * @throws KilnError for what keeps the test from running at all; whatever is wrong with the image is in the report.
 */
export async function testImage(options: TestOptions): Promise<TestReport | undefined> {
  const { gate, image, cells, rig, progress } = options;
  const at = new Date().toISOString();
  progress.step('Check the disk at rest');
  // Programs are the same in every role: where machines are slow, they are run and hashed in one cell.
  const thorough = (cell: BootCell): boolean => rig.accelerator === 'kvm' || cell === firstWithSeed(cells);
  const disk = await checkDisk({
    gate,
    disk: image.disk,
    plan: image.plan,
    manifest: image.manifest,
    progress,
  });
  progress.end();
  const runs = await runParallel({
    items: cells,
    limit: options.jobs ?? machinesAtOnce(rig),
    signal: gate.signal,
    async work(cell) {
      const own = progress.beside(cell.name);
      return await runCell({ gate, image, cell, rig, thorough: thorough(cell), progress: own }).finally(
        own.end,
      );
    },
  });
  if (gate.dryRun) return undefined;
  return summarise({ image, at, rig, disk, runs });
}

function firstWithSeed(cells: readonly BootCell[]): BootCell | undefined {
  return cells.find(({ seed }) => seed !== 'none');
}

function machinesAtOnce({ accelerator }: Rig): number {
  const processors = cpus().length / PROCESSORS[accelerator];
  return Math.max(1, Math.floor(Math.min(processors, freemem() / MEMORY)));
}

function summarise({
  image: { folder, plan },
  at,
  rig,
  disk,
  runs,
}: {
  image: FinishedImage;
  at: string;
  rig: Rig;
  disk: CheckResult[];
  runs: readonly CellRun[];
}): TestReport {
  const { os, kubernetes, network, arch } = plan.spec;
  const cells = runs.flatMap(({ results }) => results);
  const clones = compareClones(
    runs.flatMap(({ cell, boots: [first] }) =>
      first?.facts === undefined ? [] : [{ cell: cell.name, facts: first.facts, mac: first.mac }],
    ),
  );
  const all = [...disk, ...clones, ...cells.flatMap(({ checks }) => checks)];
  const count = (status: CheckResult['status']): number =>
    all.filter((check) => check.status === status).length;
  const ran = new Set(runs.map(({ cell }) => cell.name));
  return {
    schema: 1,
    image: { folder, name: path.basename(folder), planId: plan.id, os, kubernetes, network, arch },
    at,
    accelerator: rig.accelerator,
    disk,
    cells,
    clones,
    left: bootCells(plan)
      .filter(({ name }) => !ran.has(name))
      .map(({ name }) => ({ cell: name, reason: 'not asked for' })),
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
  };
}
