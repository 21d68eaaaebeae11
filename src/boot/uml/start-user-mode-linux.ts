import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheFolder } from '../../artifacts/cache.js';
import { ENTER_SCRIPT } from '../../build/toolbox/enter-script.js';
import { inNamespaces } from '../../build/toolbox/in-namespaces.js';
import type { Gate } from '../../gate/gate.js';
import { runCommand } from '../../gate/run-command.js';
import type { MachineDisk, MachineStart } from '../rig.js';
import { runMachine } from '../run-machine.js';
import { plainText, type VirtualMachine } from '../virtual-machine.js';
import { kernelCommand } from './kernel-command.js';
import { MACHINE_SCRIPT } from './machine-script.js';
import { namespaceSeconds } from './namespace-seconds.js';
import type { UserModeLinux } from './user-mode-linux.js';

/** Milliseconds a machine gets to halt before it is ended with everything it started. */
const HALT_TIMEOUT = 5000;
/** Milliseconds a machine gets to write what it holds in memory, and what it says then. */
const SYNC_TIMEOUT = 3000;
const SYNCED = /Emergency Sync complete/;
/** A panic's stack is that of another kernel and says nothing about the image. */
const STACK_LINE = /^ \[<[0-9a-f]+>\].*\n/gm;
/** Milliseconds for one word to the kernel. */
const ANSWER_TIMEOUT = 5000;
/** The machine's folder as the kernel sees it: short, as the path of a socket may be no longer than 107 bytes. */
export const INSIDE = '/machine';

/**
 * Starts a machine under user-mode Linux with the console in a file of `folder`; disks are /dev/ubda, /dev/ubdb, … in the
 * guest, in their order. All its processes and mounts live in namespaces that end with it, with kiln, or with an
 * interrupt; the network is sockets of one of those processes. It has no power button: both buttons press
 * Ctrl-Alt-Delete, which restarts the guest in good order, and a restart ends it.
 *
 * @throws through `exited` when the machine itself fails, also by a panic.
 */
export function startUserModeLinux({
  gate,
  folder,
  disks,
  memoryMiB,
  mac,
  kernel,
  root,
  kernelArguments = [],
}: MachineStart & {
  kernel: UserModeLinux;
  /** The root partition in the guest, e.g. `/dev/ubda2`. */
  root: string;
  /** Further ones, such as the image's own. */
  kernelArguments?: readonly string[] | undefined;
}): VirtualMachine {
  const name = `kiln-${randomBytes(6).toString('hex')}`;
  const command = kernelCommand({ name, folder: INSIDE, disks, memoryMiB, mac, root, kernelArguments });
  const { exited, isRunning, expectEnd, end } = runMachine(
    gate,
    inNamespaces(machineCommand({ folder, disks, kernel, command })),
  );
  async function tell(...words: string[]): Promise<void> {
    await tellKernel({ gate, kernel, folder, name, words }).catch(() => {});
  }
  async function halt(): Promise<void> {
    // A journal seconds old would be lost with the memory it is in.
    await tell('sysrq', 's');
    const deadline = Date.now() + SYNC_TIMEOUT;
    while (isRunning() && Date.now() < deadline && !SYNCED.test(await machine.console())) await sleep(50);
    await tell('halt');
    await Promise.race([exited.catch(() => {}), sleep(HALT_TIMEOUT, undefined, { ref: false })]);
  }
  const machine: VirtualMachine = {
    exited,
    isRunning,
    async console() {
      const text = await readFile(path.join(folder, 'console'), 'utf8').catch(() => '');
      return plainText(text).replaceAll(STACK_LINE, '');
    },
    async status() {
      return isRunning() ? 'running' : undefined;
    },
    processorSeconds: () => namespaceSeconds(`umid=${name}`),
    pressPower: () => tell('cad'),
    pressReset: () => tell('cad'),
    async stop() {
      expectEnd();
      if (isRunning() && !gate.signal.aborted) await halt();
      end();
      await exited;
    },
  };
  return machine;
}

/** The whole command of a machine, to be run in namespaces of its own; `command` is the kernel's. */
export function machineCommand({
  folder,
  console = path.join(folder, 'console'),
  disks,
  kernel,
  command,
}: {
  folder: string;
  /** The file its console is appended to. */
  console?: string;
  disks: readonly MachineDisk[];
  kernel: UserModeLinux;
  command: readonly string[];
}): string[] {
  const inside = [kernel.root, cacheFolder('toolbox', 'stage'), '1', folder, INSIDE, 'rw', '/'];
  // The folder for the kernel's temporary file is the tmpfs of its own root: it goes when the machine does.
  const environment = ['env', '-i', 'HOME=/root', 'TMPDIR=/tmp', 'PATH=/usr/sbin:/usr/bin'];
  return [
    ...['sh', '-c', MACHINE_SCRIPT, 'kiln-machine', console, String(disks.length)],
    ...disks.flatMap((disk, position) => placeDisk(disk, path.join(folder, `disk-${position}`))),
    ...['sh', '-c', ENTER_SCRIPT, 'kiln-uml', ...inside, ...environment, ...command],
  ];
}

/** A raw disk is used as it is; a qcow2 one is served as a raw file, so that copy-on-write is the same as under QEMU. */
function placeDisk({ file, format, readOnly, kept = false }: MachineDisk, place: string): string[] {
  if (format === 'raw') return [place, 'file', path.resolve(file), ''];
  // What is thrown away after the run need not survive a power cut of the host.
  const cache = { 'no-flush': !kept };
  const blockdev = {
    ...{ driver: format, 'node-name': 'disk', 'read-only': readOnly, cache },
    file: { driver: 'file', filename: path.resolve(file), cache },
  };
  const fuse = { type: 'fuse', id: 'export', 'node-name': 'disk', mountpoint: place, writable: !readOnly };
  return [place, 'serve', JSON.stringify(blockdev), JSON.stringify(fuse)];
}

/** Says something to the kernel through its management console; run by the root's own loader, as its libc is newer. */
export async function tellKernel({
  gate,
  kernel,
  folder,
  name,
  words,
}: {
  gate: Gate;
  kernel: UserModeLinux;
  folder: string;
  name: string;
  words: readonly string[];
}): Promise<void> {
  const usr = path.join(kernel.root, 'usr');
  await runCommand(gate, {
    file: path.join(usr, 'lib64', 'ld-linux-x86-64.so.2'),
    args: [
      ...['--library-path', path.join(usr, 'lib', 'x86_64-linux-gnu'), path.join(usr, 'bin', 'uml_mconsole')],
      ...[path.join('uml', name, 'mconsole'), ...words],
    ],
    // A relative path, for a socket's may be no longer than 107 bytes.
    cwd: folder,
    timeout: ANSWER_TIMEOUT,
    reason: `press a button of the machine (${words.join(' ')})`,
  });
}
