import path from 'node:path';
import type { Gate } from '../gate/gate.js';
import { runCommand } from '../gate/run-command.js';
import { findFirmware } from './firmware.js';
import type { MachineDisk, Rig } from './rig.js';
import type { Accelerator } from './types.js';
import { startVirtualMachine } from './virtual-machine.js';

/** The proof: QEMU boots the image's own firmware path, boot loader, kernel and initrd. */
export function qemuRig(accelerator: Accelerator): Rig {
  return {
    accelerator,
    devicesOf: (_position, serial) => [`/dev/disk/by-id/virtio-${serial}`],
    // QEMU's user network shows the host's loopback at this address.
    hostAddress: '10.0.2.2',
    copyDisk,
    start: (options) => startVirtualMachine({ ...options, accelerator, firmware: findFirmware() }),
    rawDisk,
  };
}

async function copyDisk({
  gate,
  disk,
  folder,
  growBytes,
}: Parameters<Rig['copyDisk']>[0]): Promise<MachineDisk> {
  const overlay = path.join(folder, 'overlay.qcow2');
  const base = path.resolve(disk);
  const { format, size } = await readInfo(gate, base);
  const args = ['create', '-q', '-f', 'qcow2', '-F', format, '-b', base, overlay, `${size + growBytes}`];
  await runCommand(gate, { file: 'qemu-img', args, reason: 'boot the image without writing to it' });
  return { file: overlay, format: 'qcow2', readOnly: false };
}

async function readInfo(gate: Gate, disk: string): Promise<{ format: string; size: number }> {
  const args = ['info', '--output=json', disk];
  const info = await runCommand(
    gate,
    { file: 'qemu-img', args, reason: 'read the format of the image' },
    { capture: true },
  );
  const { format, 'virtual-size': size } = JSON.parse(info) as { format: string; 'virtual-size': number };
  return { format, size };
}

async function rawDisk({ gate, disk, folder }: Parameters<Rig['rawDisk']>[0]): Promise<string> {
  const raw = path.join(folder, 'disk.raw');
  const args = ['convert', '-f', disk.format, '-O', 'raw', disk.file, raw];
  await runCommand(gate, { file: 'qemu-img', args, reason: 'read the disk after the boot' });
  return raw;
}
