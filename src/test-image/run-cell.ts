import { bootImage } from '../boot/boot-image.js';
import type { Boot } from '../boot/boot-once.js';
import { probeRequest } from '../boot/probe/probe-request.js';
import type { Rig } from '../boot/rig.js';
import type { FinishedImage } from '../build/image-folder.js';
import { KilnError } from '../errors.js';
import type { Gate } from '../gate/gate.js';
import { renderMetaData } from '../launch/render-user-data.js';
import type { Progress } from '../progress.js';
import { accountBoot } from './boot-time/account-boot.js';
import { checkBudget } from './boot-time/check-budget.js';
import { resultOf, runBootChecks } from './checks/run-checks.js';
import type { BootCell, BootContext, CellResult, RigName } from './types.js';

/** The disk under test is this much larger than the image's: it must be grown at the first boot. */
const GROWTH = 2 ** 30;

export interface CellRun {
  cell: BootCell;
  results: CellResult[];
  /** What the machines saw, for what is compared between them. */
  boots: Boot[];
}

/**
 * Boots one cell (twice when it reboots) and judges it. A machine that does not come up at all is a result, not an error.
 *
 * @throws KilnError TOOL_MISSING, INTERRUPTED and the like: what is wrong here, not with the image.
 */
export async function runCell({
  gate,
  image,
  cell,
  rig,
  thorough,
  progress,
}: {
  gate: Gate;
  image: FinishedImage;
  cell: BootCell;
  rig: Rig;
  /** Whether to hash large files and run every program too. */
  thorough: boolean;
  progress: Progress;
}): Promise<CellRun> {
  const metaData = renderMetaData({ instanceId: `kiln-test-${cell.name}`, hostname: 'node1' });
  const started = Date.now();
  try {
    const boots = await bootImage({
      gate,
      disk: image.disk,
      title: cell.title,
      rig,
      seed: cell.seed === 'none' ? undefined : { userData: cell.userData, metaData },
      probe: probeRequest(image.plan, { thorough }),
      boots: cell.reboot ? 2 : 1,
      growBytes: GROWTH,
      progress,
    });
    const contexts = boots.map((boot, index) => contextOf(boot, boots[index - 1], { image, cell, rig }));
    return {
      cell,
      boots,
      results: contexts.map((context, index) => judge(context, boots[index] as Boot, index)),
    };
  } catch (error) {
    if (!(error instanceof KilnError && error.code === 'BOOT_FAILED')) throw error;
    return { cell, boots: [], results: [neverCameUp(cell, rigName(rig), error, started)] };
  }
}

export function rigName(rig: Rig): RigName {
  return rig.accelerator === 'uml' ? 'uml' : 'qemu';
}

function contextOf(
  { report, facts, mac }: Boot,
  before: Boot | undefined,
  { image, cell, rig }: { image: FinishedImage; cell: BootCell; rig: Rig },
): BootContext {
  const first = before === undefined ? {} : { before: { boot: before.report, facts: before.facts } };
  return {
    plan: image.plan,
    cell,
    rig: rigName(rig),
    boot: report,
    facts,
    mac,
    imageBytes: image.manifest.disk.size,
    ...first,
  };
}

function judge(context: BootContext, { duration }: Boot, index: number): CellResult {
  const { plan, cell, rig, boot, facts } = context;
  const account = accountBoot({ boot, facts, plan, cell });
  const budget = checkBudget({ account, os: plan.spec.os, cell, accelerator: boot.accelerator });
  const checks = [
    ...runBootChecks(context),
    resultOf(
      { name: 'boot-budget', title: 'No stage of the boot takes a larger share than its budget' },
      budget,
    ),
  ];
  const { name, title } = cell;
  return {
    cell: name,
    title,
    rig,
    boot: index === 0 ? 1 : 2,
    duration,
    checks,
    account,
    consoleTail: boot.consoleTail,
  };
}

function neverCameUp({ name, title }: BootCell, rig: RigName, error: KilnError, started: number): CellResult {
  const [message = '', ...console] = error.message.split('\n');
  const problem = {
    subject: 'the machine',
    message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  };
  return {
    cell: name,
    title,
    rig,
    boot: 1,
    duration: (Date.now() - started) / 1000,
    checks: [
      resultOf({ name: 'came-up', title: 'Boots and powers off' }, { examined: 1, problems: [problem] }),
    ],
    account: { stages: [], cloudInit: [], units: [] },
    consoleTail: console,
  };
}
