import path from 'node:path';
import { detectFilesystem, findRootPartition, readPartitions } from '../../build/disk/read-partitions.js';
import type { Gate } from '../../gate/gate.js';
import type { Progress } from '../../progress.js';
import { requireTools } from '../../tools/check-tools.js';
import { qemuRig } from '../qemu-rig.js';
import type { Rig } from '../rig.js';
import { ensureUserModeLinux } from './ensure-user-mode-linux.js';
import { SECURITY_MODULE, ubdName } from './kernel-command.js';
import { startUserModeLinux } from './start-user-mode-linux.js';
import { loadUmlDefinition } from './uml-definition.js';

/**
 * The fast rig: the image's own userland and file system under a kernel that is not its own. The disk is used through the
 * same copy-on-write copies as under QEMU and not changed; firmware, boot loader, kernel and initrd of the image take no
 * part. `copyDisk` throws IMAGE_INVALID when there is no root partition kiln can read.
 *
 * @throws KilnError TOOL_MISSING, and as `ensureUserModeLinux` does.
 */
export async function umlRig(
  gate: Gate,
  progress: Progress,
  {
    kernelArguments = [],
    offline,
  }: {
    /** The image's own; `security=selinux` among them where that is what its kernel starts with. */
    kernelArguments?: readonly string[];
    offline?: boolean;
  } = {},
): Promise<Rig> {
  requireTools('test --rig uml');
  const kernel = await ensureUserModeLinux({ gate, progress, offline });
  const qemu = qemuRig('tcg');
  /** Root partitions by copy: no boot loader tells the kernel. */
  const roots = new Map<string, string>();
  return {
    accelerator: 'uml',
    devicesOf: (position) => [`/dev/${ubdName(position)}`],
    hostAddress: loadUmlDefinition().definition.network.hostAddress,
    async copyDisk(options) {
      const root = await rootDevice(options.gate, path.resolve(options.disk));
      const copy = await qemu.copyDisk(options);
      roots.set(copy.file, root);
      return copy;
    },
    start(options) {
      const root = roots.get(options.disks[0]?.file ?? '');
      if (root === undefined) throw new RangeError('the first disk is not a copy this rig made');
      return startUserModeLinux({
        ...options,
        kernel,
        root,
        kernelArguments: [SECURITY_MODULE, ...kernelArguments],
      });
    },
    rawDisk: qemu.rawDisk,
  };
}

/** The root partition as the guest names it, the disk being its first. */
async function rootDevice(gate: Gate, disk: string): Promise<string> {
  const partition = findRootPartition(disk, await readPartitions(gate, disk));
  await detectFilesystem(disk, partition);
  return `/dev/${ubdName(0)}${partition.number}`;
}
