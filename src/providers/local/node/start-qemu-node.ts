import path from 'node:path';
import { detectAccelerator } from '../../../boot/detect-accelerator.js';
import { findFirmware } from '../../../boot/firmware.js';
import type { Accelerator } from '../../../boot/types.js';
import { diskArguments, machineArguments } from '../../../boot/virtual-machine.js';
import { runCommand } from '../../../gate/run-command.js';
import { inNamespace } from '../processes.js';
import type { NodeMachine } from './node-machine.js';

/** Starts QEMU in the cluster's namespace; it returns when the machine runs, or QEMU said why it does not. */
export async function startQemuNode(
  machine: NodeMachine & { accelerator?: Accelerator | undefined },
): Promise<void> {
  const { gate, cluster, files, record } = machine;
  const accelerator = machine.accelerator ?? (await detectAccelerator(gate));
  const command = qemuCommand({ ...machine, accelerator, firmware: findFirmware() });
  const [file = '', ...args] = inNamespace(cluster.network.namespace, command);
  // Sockets are named from here: their paths may be no longer than 107 bytes.
  await runCommand(gate, { file, args, cwd: files.folder, reason: `start ${record.name}` });
}

/** QEMU's command line. Its two sockets are made in the folder it is started in. */
export function qemuCommand({
  files,
  disks,
  record,
  tap,
  accelerator,
  firmware,
}: Pick<NodeMachine, 'files' | 'disks' | 'record' | 'tap'> & { accelerator: Accelerator; firmware: string }) {
  const { memoryMiB, mac } = record;
  const network = `tap,ifname=${tap},script=no,downscript=no`;
  const serial = [
    ...['socket', 'id=serial', `path=${path.basename(files.serial)}`, 'server=on', 'wait=off'],
    ...[`logfile=${files.console.replaceAll(',', ',,')}`, 'logappend=on'],
  ];
  return [
    'qemu-system-x86_64',
    ...machineArguments({ accelerator, memoryMiB, mac, network }),
    ...['-name', record.name, '-bios', firmware, '-daemonize', '-pidfile', files.pid],
    ...['-chardev', serial.join(','), '-serial', 'chardev:serial'],
    ...['-qmp', `unix:${path.basename(files.qmp)},server=on,wait=off`],
    ...disks.flatMap(diskArguments),
  ];
}
