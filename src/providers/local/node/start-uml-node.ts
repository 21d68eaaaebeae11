import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureUserModeLinux } from '../../../boot/uml/ensure-user-mode-linux.js';
import { kernelCommand, SECURITY_MODULE, SHOW_FREQUENCY, ubdName } from '../../../boot/uml/kernel-command.js';
import { INSIDE, machineCommand } from '../../../boot/uml/start-user-mode-linux.js';
import { findRootPartition, readPartitions } from '../../../build/disk/read-partitions.js';
import { openImage } from '../../../build/image-folder.js';
import { KilnError } from '../../../errors.js';
import type { Progress } from '../../../progress.js';
import { pidOf, startDetached } from '../processes.js';
import type { NodeMachine } from './node-machine.js';
import { lastLine } from './node-status.js';

/** What the kernel's management console is called in the folder `uml` of the node. */
export const MACHINE_NAME = 'node';
/** Milliseconds in which a machine that cannot start at all has ended. */
const START_TIMEOUT = 1500;

/** Namespaces of the machine's own: everything in them ends with their first process, and that with `unshare`. */
const NAMESPACES = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private'];

/** Starts user-mode Linux in the cluster's namespace, in a session of its own. */
export async function startUmlNode({
  gate,
  progress,
  cluster,
  record,
  files,
  disks,
  tap,
}: NodeMachine & { progress: Progress }): Promise<void> {
  const kernel = await ensureUserModeLinux({ gate, progress });
  const { disk, plan } = await openImage(cluster.image.folder);
  const root = findRootPartition(disk, await readPartitions(gate, disk));
  const command = kernelCommand({
    ...{ name: MACHINE_NAME, folder: INSIDE, disks, memoryMiB: record.memoryMiB, mac: record.mac },
    root: `/dev/${ubdName(0)}${root.number}`,
    kernelArguments: [SECURITY_MODULE, ...plan.kernelArguments],
    network: `transport=tap,ifname=${tap}`,
    beforeInit: SHOW_FREQUENCY,
  });
  // The kernel takes a name for in use whose old process id somebody else has by now.
  await gate.perform({ verb: 'remove', target: path.join(files.folder, 'uml') }, () =>
    rm(path.join(files.folder, 'uml'), { recursive: true, force: true }),
  );
  const { folder, console } = files;
  const before = await sizesOf(files);
  const machine = machineCommand({ folder, console, disks, kernel, command });
  await startDetached(gate, {
    ...{ namespace: cluster.network.namespace, pid: files.pid, log: files.log },
    command: ['unshare', ...NAMESPACES, ...machine],
    reason: `start ${record.name}`,
  });
  if (!gate.dryRun) await expectRunning({ record, files, before });
}

/** Bytes in what a node says before it is started: its files are appended to, so only what follows is of this start. */
export async function sizesOf({ console, log }: Pick<NodeMachine['files'], 'console' | 'log'>) {
  return { console: await sizeOf(console), log: await sizeOf(log) };
}

/** Returns when the machine said something or runs. @throws KilnError BOOT_FAILED with what it said when it ended at once. */
export async function expectRunning({
  record,
  files,
  before,
  timeout = START_TIMEOUT,
}: Pick<NodeMachine, 'record' | 'files'> & {
  before: Awaited<ReturnType<typeof sizesOf>>;
  /** Milliseconds. */
  timeout?: number;
}): Promise<void> {
  for (const deadline = Date.now() + timeout; Date.now() < deadline; await sleep(100)) {
    // The wrapper that writes the process id down is there within milliseconds, so only the end of the wait counts.
    if ((await lastLine(files.console, before.console)) !== '') return;
  }
  if ((await pidOf(files.pid, `${files.folder}/`)) !== undefined) return;
  const said = (await lastLine(files.log, before.log)) || 'it said nothing';
  throw new KilnError('BOOT_FAILED', `${record.name} ended at once: ${said}`);
}

async function sizeOf(file: string): Promise<number> {
  return await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
