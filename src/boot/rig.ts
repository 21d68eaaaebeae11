import type { Gate } from '../gate/gate.js';
import type { Progress } from '../progress.js';
import type { RigAccelerator } from './types.js';
import type { VirtualMachine } from './virtual-machine.js';

/** A file the machine sees as a disk. `serial` is what the guest can find it by, where the rig has such a thing. */
export interface MachineDisk {
  file: string;
  format: 'raw' | 'qcow2';
  readOnly: boolean;
  /** What is on it outlives this run: the guest's flushes reach the host's disk. Without, it is as quick as can be. */
  kept?: boolean;
  serial?: string;
}

export interface MachineStart {
  gate: Gate;
  /** For the console, sockets and process ids; removed by the caller. */
  folder: string;
  disks: readonly MachineDisk[];
  memoryMiB: number;
  /** Hardware address of its network card. */
  mac: string;
}

/** What machines run on. QEMU runs the image as it is; user-mode Linux is quick, with a kernel of its own. */
export interface Rig {
  accelerator: RigAccelerator;
  /** Where the guest may find the disk at `position` (0 is its own) with this serial; the first that exists counts. */
  devicesOf(position: number, serial: string): string[];
  /** The host's loopback as the guest reaches it; `undefined` when it does not. */
  hostAddress: string | undefined;
  /** A disk in `folder` with the image's content, `growBytes` larger, that can be written to; the image is not. */
  copyDisk(options: {
    gate: Gate;
    disk: string;
    folder: string;
    growBytes: number;
    progress: Progress;
  }): Promise<MachineDisk>;
  start(options: MachineStart): VirtualMachine;
  /** A raw file with what is on the machine's disk now; made in `folder` where it has to be. */
  rawDisk(options: { gate: Gate; disk: MachineDisk; folder: string }): Promise<string>;
}
