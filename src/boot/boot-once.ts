import { randomBytes } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KilnError } from '../errors.js';
import { renderTemplate } from '../render/render-template.js';
import type { BootOptions } from './boot-image.js';
import { makeSeed } from './make-seed.js';
import type { GuestFacts } from './probe/guest-facts.js';
import { parseFacts } from './probe/parse-facts.js';
import { makeProbeDisk, PROBE_SERIAL, readProbeFiles, readProbeStatus } from './probe/probe-disk.js';
import { readReport } from './read-report.js';
import type { MachineDisk, Rig } from './rig.js';
import type { BootReport, RigAccelerator } from './types.js';
import type { VirtualMachine } from './virtual-machine.js';
import { type BootWait, waitForBoot } from './wait-for-boot.js';

/** One boot: what its disk tells, what the probe saw (where there was one), and how long it took on the host's clock. */
export interface Boot {
  report: BootReport;
  facts: GuestFacts | undefined;
  /** Seconds. */
  duration: number;
  /** The network card the machine was given. */
  mac: string;
}

/** Seconds: an emulated boot takes 40 s on an idle machine and four minutes on a busy one. */
const TIMEOUT: Record<RigAccelerator, number> = { kvm: 180, tcg: 900, uml: 180 };
/** Milliseconds given to a guest to power off, and then to Ctrl-Alt-Delete. */
const POWER_OFF_TIMEOUT: Record<RigAccelerator, number> = { kvm: 45_000, tcg: 120_000, uml: 45_000 };
const RESET_TIMEOUT = 60_000;
const CONSOLE_TAIL = 25;

interface BootInput {
  options: BootOptions;
  rig: Rig;
  folder: string;
  /** The writable disk, kept from boot to boot. */
  copy: MachineDisk;
  number: number;
  timePort: number | undefined;
}

/** `undefined` when the accelerator gave up, which only KVM does. */
export async function bootOnce(input: BootInput): Promise<Boot | undefined> {
  const { options, rig, number } = input;
  const { gate, progress, memoryMiB = 2048 } = options;
  const folder = path.join(input.folder, `boot-${number}`);
  await mkdir(folder);
  progress.step(`Boot ${path.basename(options.disk)} (${HOW[rig.accelerator]})`);
  const { disks, probe } = await makeDisks(input, folder);
  const mac = randomMac();
  const started = Date.now();
  const machine = rig.start({ gate, folder, disks, memoryMiB, mac });
  try {
    const wait = await waitForBoot({
      machine,
      accelerator: rig.accelerator,
      timeoutSeconds: options.timeoutSeconds ?? TIMEOUT[rig.accelerator],
      progress,
      signal: gate.signal,
      probe: probe === undefined ? undefined : () => readProbeStatus(probe),
    });
    if (wait.end === 'accelerator-failed') return undefined;
    if (wait.end === 'panic') throw bootFailed(await consoleTail(machine), 'its kernel panicked');
    if (wait.end === 'exited') await machine.exited;
    progress.note('powering off');
    const poweredOff = await powerOff(machine, rig.accelerator, gate.signal);
    await machine.stop();
    const duration = (Date.now() - started) / 1000;
    const facts = probe === undefined ? undefined : await readFacts(probe, options.probe?.thorough ?? false);
    return { report: await report(input, folder, machine, wait, poweredOff), facts, duration, mac };
  } finally {
    await machine.stop().catch(() => {});
    await rm(folder, { recursive: true, force: true });
  }
}

const HOW: Record<RigAccelerator, string> = {
  kvm: 'KVM',
  tcg: 'emulated: no usable KVM',
  uml: 'user-mode Linux: not the image’s own kernel',
};

/** The machine's own disk first, then the seed, what the caller adds, and the probe's disk. */
async function makeDisks(
  { options, rig, copy, timePort }: BootInput,
  folder: string,
): Promise<{ disks: MachineDisk[]; probe: string | undefined }> {
  const { gate, seed, disks: further = [] } = options;
  if (seed === undefined) return { disks: [copy, ...further.map(readOnly)], probe: undefined };
  const request = options.probe;
  const position = further.length + 2;
  const devices = rig.devicesOf(position, PROBE_SERIAL).join(' ');
  const vendorData =
    request === undefined ? '' : renderTemplate('cloudinit/probe/vendor-data.hbs', { devices });
  const before = [copy, ...[await makeSeed({ gate, folder, ...seed, vendorData }), ...further].map(readOnly)];
  if (request === undefined) return { disks: before, probe: undefined };
  const timeServer = { address: rig.hostAddress ?? '', port: timePort ?? 0 };
  const probe = await makeProbeDisk(gate, folder, { ...request, timeServer });
  return { disks: [...before, { file: probe, format: 'raw', readOnly: false, serial: PROBE_SERIAL }], probe };
}

function readOnly(file: string): MachineDisk {
  return { file, format: 'raw', readOnly: true };
}

/** Locally administered, unicast, in the range QEMU's own cards have. */
function randomMac(): string {
  return ['52', '54', '00', ...[...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, '0'))].join(
    ':',
  );
}

async function readFacts(probe: string, thorough: boolean): Promise<GuestFacts | undefined> {
  const status = await readProbeStatus(probe);
  if (status.state !== 'finished') return undefined;
  // The last the guest wrote was its clock, so the file's own time is what this machine's clock said then.
  const host = (await stat(probe)).mtimeMs / 1000;
  return parseFacts(await readProbeFiles(probe, status), { clock: { guest: status.at, host }, thorough });
}

async function report(
  { options: { gate, progress }, rig, copy }: BootInput,
  folder: string,
  machine: VirtualMachine,
  wait: BootWait,
  poweredOff: boolean,
): Promise<BootReport> {
  progress.step('Read the journal from the disk');
  const disk = await rig.rawDisk({ gate, disk: copy, folder });
  const tail = await consoleTail(machine);
  const found = await readReport(gate, disk, folder).catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== 'IMAGE_INVALID') throw error;
    throw bootFailed(tail, (error as Error).message, (error as KilnError).hint);
  });
  return {
    accelerator: rig.accelerator,
    reached: wait.end === 'reached',
    poweredOff,
    ...found,
    seconds: { ...found.seconds, toLogin: wait.toLogin },
    consoleTail: tail,
  };
}

/** Whether the guest powered off by itself. A guest deaf to the power button still hears Ctrl-Alt-Delete (PID 1 does). */
async function powerOff(
  machine: VirtualMachine,
  accelerator: RigAccelerator,
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

function bootFailed(tail: readonly string[], why: string, hint?: string): KilnError {
  const lines = tail.map((line) => `  | ${line}`).join('\n');
  const options = hint === undefined ? {} : { hint };
  return new KilnError('BOOT_FAILED', `The image did not boot: ${why}\n${lines}`, options);
}

async function consoleTail(machine: VirtualMachine): Promise<string[]> {
  const lines = (await machine.console()).split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-CONSOLE_TAIL);
}
