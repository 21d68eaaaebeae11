import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KilnError } from '../errors.js';
import type { Gate } from '../gate/gate.js';
import { runCommand } from '../gate/run-command.js';
import type { Progress } from '../progress.js';
import { detectAccelerator, rememberAccelerator } from './detect-accelerator.js';
import { findFirmware } from './firmware.js';
import { makeSeed } from './make-seed.js';
import { parseJournal } from './parse-journal.js';
import { readCloudInit } from './read-cloud-init.js';
import { readDisk } from './read-disk.js';
import { readJournal } from './read-journal.js';
import { readMarkers } from './read-markers.js';
import type { Accelerator, BootReport } from './types.js';
import { startVirtualMachine, type VirtualMachine } from './virtual-machine.js';
import { type BootWait, waitForBoot } from './wait-for-boot.js';

/** What is copied off the disk afterwards: nothing was added to the image to read it, only its own traces are read. */
const TRACES = ['/var/log/journal', '/var/log/cloud-init.log', '/var/lib/cloud/data', '/etc/sysconfig'];
const CONSOLE_TAIL = 25;
/** Seconds: an emulated boot takes 40 s on an idle machine and four minutes on a busy one. */
const TIMEOUT = { kvm: 180, tcg: 900 } as const;
/** Milliseconds given to a guest to power off, and then to Ctrl-Alt-Delete. */
const POWER_OFF_TIMEOUT = { kvm: 45_000, tcg: 120_000 } as const;
const RESET_TIMEOUT = 60_000;

export interface BootOptions {
  gate: Gate;
  /** A finished disk, raw or qcow2; never written to. */
  disk: string;
  userData: string;
  metaData: string;
  /** Further raw disks, read-only, such as the one that carries a cluster's identity. */
  disks?: readonly string[];
  /** Time the guest has to show a login prompt; 180 with KVM and 900 without by default. */
  timeoutSeconds?: number;
  memoryMiB?: number;
  /** For tests; found by `detectAccelerator` otherwise. */
  accelerator?: Accelerator;
  progress: Progress;
}

/**
 * Boots a finished disk once in QEMU with a NoCloud seed, powers it off by its power button and reads what it did from
 * the journal on its own disk. The disk is used through a copy-on-write overlay; nothing is added to the image, no
 * login is needed. QEMU and all temporary files are gone when this returns or throws.
 *
 * @throws KilnError BOOT_FAILED when the guest panics or leaves no journal; IMAGE_INVALID; TOOL_MISSING; INTERRUPTED.
 */
export async function bootImage(options: BootOptions): Promise<BootReport | undefined> {
  const { gate } = options;
  const accelerator = options.accelerator ?? (await detectAccelerator(gate));
  if (gate.dryRun) return await gate.perform({ verb: 'boot', target: options.disk }, async () => undefined);
  const folder = await mkdtemp(path.join(process.env.TMPDIR || '/var/tmp', 'kiln-boot-'));
  try {
    const report = await bootOnce(options, accelerator, folder);
    if (report !== undefined) return report;
    // KVM passed the probe and failed on the image's own kernel: emulate from here on.
    await rememberAccelerator('tcg');
    return await bootOnce(options, 'tcg', folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `undefined` when the accelerator gave up, which only KVM does. */
async function bootOnce(
  options: BootOptions,
  accelerator: Accelerator,
  folder: string,
): Promise<BootReport | undefined> {
  const { gate, disk, progress, memoryMiB = 2048 } = options;
  const timeoutSeconds = options.timeoutSeconds ?? TIMEOUT[accelerator];
  progress.step(`Boot ${path.basename(disk)} (${accelerator === 'kvm' ? 'KVM' : 'emulated: no usable KVM'})`);
  const overlay = await makeOverlay(gate, disk, folder);
  const seed = await makeSeed({ gate, folder, userData: options.userData, metaData: options.metaData });
  const disks = [
    { file: overlay, format: 'qcow2' as const, readOnly: false },
    ...[seed, ...(options.disks ?? [])].map((file) => ({ file, format: 'raw' as const, readOnly: true })),
  ];
  const machine = startVirtualMachine({
    gate,
    folder,
    disks,
    accelerator,
    memoryMiB,
    firmware: findFirmware(),
  });
  try {
    const wait = await waitForBoot({ machine, accelerator, timeoutSeconds, progress, signal: gate.signal });
    if (wait.end === 'accelerator-failed') return undefined;
    if (wait.end === 'panic') throw await bootFailed(machine, 'its kernel panicked');
    if (wait.end === 'exited') await machine.exited;
    progress.note('powering off');
    const poweredOff = await powerOff(machine, accelerator, gate.signal);
    await machine.stop();
    return await readReport({ options, accelerator, folder, overlay, machine, wait, poweredOff });
  } finally {
    await machine.stop().catch(() => {});
  }
}

async function makeOverlay(gate: Gate, disk: string, folder: string): Promise<string> {
  const overlay = path.join(folder, 'overlay.qcow2');
  const base = path.resolve(disk);
  const info = await runCommand(
    gate,
    { file: 'qemu-img', args: ['info', '--output=json', base], reason: 'read the format of the image' },
    { capture: true },
  );
  const { format } = JSON.parse(info) as { format: string };
  const args = ['create', '-q', '-f', 'qcow2', '-F', format, '-b', base, overlay];
  await runCommand(gate, { file: 'qemu-img', args, reason: 'boot the image without writing to it' });
  return overlay;
}

/** Whether the guest powered off by itself. A guest deaf to the power button still hears Ctrl-Alt-Delete (PID 1 does). */
async function powerOff(
  machine: VirtualMachine,
  accelerator: Accelerator,
  signal: AbortSignal,
): Promise<boolean> {
  await machine.pressPower();
  if (await hasExited(machine, POWER_OFF_TIMEOUT[accelerator], signal)) return true;
  await machine.pressReset();
  return await hasExited(machine, RESET_TIMEOUT, signal);
}

async function hasExited(machine: VirtualMachine, timeout: number, signal: AbortSignal): Promise<boolean> {
  const timer = new AbortController();
  const late = sleep(timeout, undefined, { signal: AbortSignal.any([signal, timer.signal]) }).catch(() => {});
  await Promise.race([machine.exited, late]);
  timer.abort();
  signal.throwIfAborted();
  return !machine.isRunning();
}

async function readReport({
  options: { gate, progress },
  accelerator,
  folder,
  overlay,
  machine,
  wait,
  poweredOff,
}: {
  options: BootOptions;
  accelerator: Accelerator;
  folder: string;
  overlay: string;
  machine: VirtualMachine;
  wait: BootWait;
  poweredOff: boolean;
}): Promise<BootReport> {
  progress.step('Read the journal from the disk');
  const out = path.join(folder, 'traces');
  await readDisk({ gate, disk: overlay, paths: TRACES, out, folder });
  const entries = await readJournal(gate, path.join(out, 'var/log/journal')).catch(async (error: unknown) => {
    if ((error as { code?: unknown }).code !== 'IMAGE_INVALID') throw error;
    throw await bootFailed(machine, (error as Error).message, (error as KilnError).hint);
  });
  const facts = parseJournal(entries);
  const cloud = await readCloudInit(out);
  return {
    accelerator,
    reached: wait.end === 'reached',
    poweredOff,
    ...facts,
    seconds: { ...facts.seconds, cloudInit: cloud.seconds, toLogin: wait.toLogin },
    cloudInit: cloud.report,
    markers: await readMarkers(path.join(out, 'etc/sysconfig')),
    consoleTail: await consoleTail(machine),
  };
}

async function bootFailed(machine: VirtualMachine, why: string, hint?: string): Promise<KilnError> {
  const lines = (await consoleTail(machine)).map((line) => `  | ${line}`).join('\n');
  return new KilnError(
    'BOOT_FAILED',
    `The image did not boot: ${why}\n${lines}`,
    hint === undefined ? {} : { hint },
  );
}

async function consoleTail(machine: VirtualMachine): Promise<string[]> {
  const lines = (await machine.console()).split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-CONSOLE_TAIL);
}
