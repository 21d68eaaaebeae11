import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { connectQmp } from './qmp.js';
import type { MachineDisk, MachineStart } from './rig.js';
import { runMachine } from './run-machine.js';
import type { Accelerator } from './types.js';

/** A running guest. `exited` settles when QEMU is gone, however it went. */
export interface VirtualMachine {
  /** Everything the guest wrote to its serial console so far, without escape sequences. */
  console(): Promise<string>;
  /** QEMU's run state, e.g. `running`, `internal-error`; `undefined` when it cannot be asked. */
  status(): Promise<string | undefined>;
  /** Processor seconds QEMU used so far; `undefined` where /proc does not say. */
  processorSeconds(): Promise<number | undefined>;
  /** Presses the power button. */
  pressPower(): Promise<void>;
  /** Presses Ctrl-Alt-Delete: for guests that do not listen to the power button. */
  pressReset(): Promise<void>;
  isRunning(): boolean;
  exited: Promise<void>;
  /** Ends QEMU and waits until it is gone. */
  stop(): Promise<void>;
}

/** Clock ticks in a second as /proc counts them; 100 on every Linux architecture. */
const TICKS = 100;

/** Starts QEMU with the console in a file of `folder`. @throws through `exited` when QEMU itself fails. */
export function startVirtualMachine({
  gate,
  folder,
  disks,
  accelerator,
  memoryMiB,
  mac,
  firmware,
}: MachineStart & { accelerator: Accelerator; firmware: string }): VirtualMachine {
  const files = {
    console: path.join(folder, 'console'),
    pid: path.join(folder, 'pid'),
    qmp: path.join(folder, 'qmp'),
  };
  const { exited, isRunning, end } = runMachine(gate, {
    file: 'qemu-system-x86_64',
    args: [
      // Not restricted: QEMU's DHCP offers a restricted guest no default route, which every node has.
      ...machineArguments({ accelerator, memoryMiB, mac, network: 'user' }),
      ...['-no-reboot', '-bios', firmware, '-serial', `file:${files.console}`, '-pidfile', files.pid],
      ...['-qmp', `unix:${files.qmp},server=on,wait=off`],
      ...disks.flatMap(diskArguments),
    ],
  });
  async function ask(command: string, args?: Record<string, unknown>): Promise<unknown> {
    const qmp = await connectQmp(files.qmp);
    try {
      return await qmp.execute(command, args);
    } finally {
      qmp.close();
    }
  }
  return {
    exited,
    isRunning,
    async console() {
      return plainText(await readFile(files.console, 'utf8').catch(() => ''));
    },
    async status() {
      const answer = (await ask('query-status').catch(() => undefined)) as { status?: string } | undefined;
      return answer?.status;
    },
    async processorSeconds() {
      const pid = (await readFile(files.pid, 'utf8').catch(() => '')).trim();
      const fields = (await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''))
        .split(') ')
        .at(1)
        ?.split(' ');
      if (fields === undefined) return undefined;
      return (Number(fields[11]) + Number(fields[12])) / TICKS;
    },
    async pressPower() {
      await ask('system_powerdown').catch(() => {});
    },
    async pressReset() {
      const keys = ['ctrl', 'alt', 'delete'].map((data) => ({ type: 'qcode', data }));
      await ask('send-key', { keys }).catch(() => {});
    },
    async stop() {
      end();
      await exited;
    },
  };
}

/** QEMU's arguments for a machine without disks and consoles. `network`: the kind of -netdev, with its options. */
export function machineArguments({
  accelerator,
  memoryMiB,
  mac,
  network,
}: {
  accelerator: Accelerator;
  memoryMiB: number;
  mac: string;
  network: string;
}): string[] {
  const processor = accelerator === 'kvm' ? 'host' : 'max';
  const accel = accelerator === 'kvm' ? 'kvm' : 'tcg,thread=multi,tb-size=1024';
  return [
    ...['-machine', 'q35', '-accel', accel, '-cpu', processor, '-smp', '2', '-m', `${memoryMiB}`],
    ...['-nodefaults', '-no-user-config', '-display', 'none'],
    ...['-netdev', `${network},id=net0`, '-device', `virtio-net-pci,netdev=net0,mac=${mac}`],
    ...['-device', 'virtio-rng-pci'],
  ];
}

/** QEMU's arguments for one disk; `position` makes its name unique. */
export function diskArguments(disk: MachineDisk, position: number): string[] {
  const readOnly = disk.readOnly ? ',readonly=on' : '';
  // What is thrown away after the run need not survive a power cut of the host.
  const cache = disk.kept === true ? 'writeback' : 'unsafe';
  const serial = disk.serial === undefined ? '' : `,serial=${disk.serial}`;
  // A comma ends an option in QEMU's syntax, so one in the path is doubled.
  const file = disk.file.replaceAll(',', ',,');
  return [
    ...['-drive', `if=none,id=disk${position},format=${disk.format},cache=${cache}${readOnly},file=${file}`],
    ...['-device', `virtio-blk-pci,drive=disk${position}${serial}`],
  ];
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters terminals are steered with
const ESCAPE_SEQUENCE = /\u001B(\[[0-9;?=]*[A-Za-z]|[()][A-Z0-9]|[=>78cDEHM])/g;

/** Console text without terminal escape sequences and carriage returns. */
export function plainText(text: string): string {
  return text.replaceAll(ESCAPE_SEQUENCE, '').replaceAll('\r', '').replaceAll('\0', '');
}
