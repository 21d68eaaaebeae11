import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { withDiskTree } from '../../build/disk/with-disk-tree.js';
import { KilnError } from '../../errors.js';
import type { CheckResult } from '../types.js';
import { artifactFiles } from './checks/artifact-files.js';
import { bootloaderBios } from './checks/bootloader-bios.js';
import { bootloaderUefi } from './checks/bootloader-uefi.js';
import { filePermissions } from './checks/file-permissions.js';
import { filesystem } from './checks/filesystem.js';
import { growpart } from './checks/growpart.js';
import { hygiene } from './checks/hygiene.js';
import { kernelArguments } from './checks/kernel-arguments.js';
import { kernelDrivers } from './checks/kernel-drivers.js';
import { partitionTable } from './checks/partition-table.js';
import { plannedFiles } from './checks/planned-files.js';
import { rootReference } from './checks/root-reference.js';
import { sysctlOrder } from './checks/sysctl-order.js';
import type { BareDisk } from './disk-context.js';
import { type DiskCheckOptions, openBareDisk, openDiskTree } from './open-disk.js';
import { runCheck, skipCheck } from './run-check.js';

/** Those that need no file of the root, then those that do; the report's order. */
const BARE_CHECKS = [partitionTable, filesystem];
const TREE_CHECKS = [
  bootloaderUefi,
  bootloaderBios,
  kernelDrivers,
  kernelArguments,
  rootReference,
  growpart,
  plannedFiles,
  artifactFiles,
  filePermissions,
  sysctlOrder,
  hygiene,
];

/** What the kernel says when a file system contradicts itself: EIO, EBADMSG, EUCLEAN. Node has no names for the last two. */
const UNREADABLE = [-5, -74, -117];

/** Names of the checks, in the order of the results. */
export const DISK_CHECKS: readonly string[] = [...BARE_CHECKS, ...TREE_CHECKS].map(({ name }) => name);

/**
 * Checks a finished disk without booting it: one result for each check, whatever is broken. Needs root, to read files
 * with their owners. Nothing is left mounted or copied when it returns or throws; no results in a dry run.
 *
 * @throws KilnError IMAGE_INVALID when there is no partition table or no root at all; ROOT_NEEDED; TOOL_MISSING; INTERRUPTED.
 */
export async function checkDisk(options: DiskCheckOptions): Promise<CheckResult[]> {
  const { gate, progress } = options;
  if (gate.dryRun) {
    await gate.perform({ verb: 'check', target: options.disk }, async () => undefined);
    return [];
  }
  const work = await mkdtemp(path.join(process.env.TMPDIR || '/var/tmp', 'kiln-check-'));
  try {
    const bare = await openBareDisk(options, work);
    const results: CheckResult[] = [];
    for (const check of BARE_CHECKS) {
      progress.note(check.title);
      results.push(await runCheck(check, bare));
    }
    return [...results, ...(await checkTree(options, bare, results))];
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** When the root cannot be mounted or read that is a failure of the file system, and the rest has nothing to look at. */
async function checkTree(
  options: DiskCheckOptions,
  bare: BareDisk,
  before: CheckResult[],
): Promise<CheckResult[]> {
  const { gate, progress } = options;
  let opened = false;
  const inside = withDiskTree(gate, bare.disk, async (folder) => {
    opened = true;
    progress.note('Read every file');
    const disk = await openDiskTree(options, bare, folder);
    const results: CheckResult[] = [];
    for (const check of TREE_CHECKS) {
      progress.note(check.title);
      results.push(await runCheck(check, disk));
    }
    return results;
  });
  const results = await inside.catch((error: unknown) => {
    const isMount = error instanceof KilnError && error.code === 'COMMAND_FAILED' && !opened;
    if (!isMount && !UNREADABLE.includes((error as NodeJS.ErrnoException).errno ?? 0)) throw error;
    const last = before.find(({ check }) => check === filesystem.name);
    if (last !== undefined) {
      last.status = 'failed';
      last.problems.push({ subject: `${bare.filesystem} of the root`, message: (error as Error).message });
    }
    return TREE_CHECKS.map((check) => skipCheck(check, 'the root file system cannot be read'));
  });
  return results ?? [];
}
