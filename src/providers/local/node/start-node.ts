import { access, chmod, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { makeSeed } from '../../../boot/make-seed.js';
import { qemuRig } from '../../../boot/qemu-rig.js';
import type { MachineDisk } from '../../../boot/rig.js';
import { DISK } from '../../../build/image-folder.js';
import { loadLocalCatalog } from '../../../catalog/local.js';
import type { Gate } from '../../../gate/gate.js';
import { runCommand } from '../../../gate/run-command.js';
import type { ClusterNode } from '../../../launch/types.js';
import { requireTools } from '../../../tools/check-tools.js';
import { nodeFiles, tapName } from '../names.js';
import { readLinks } from '../network/links.js';
import { findPrograms, killUntilGone } from '../processes.js';
import type { InNode, StartNode } from '../types.js';
import { findNode } from './enter-node.js';
import { nodeStatus } from './node-status.js';
import { startQemuNode } from './start-qemu-node.js';
import { startUmlNode } from './start-uml-node.js';

/**
 * Starts a node, for the first time or again: the disk it has is kept. Does nothing when it runs. It goes on when kiln
 * ends; `ensureNetwork` and `publishNodes` have been called.
 *
 * @throws KilnError TOOL_MISSING; BOOT_FAILED with what it said when the machine ends at once; COMMAND_FAILED.
 */
export async function startNode(options: StartNode): Promise<void> {
  const { gate, progress, folder, cluster, node, identityDisk } = options;
  const record = findNode(options);
  if (!gate.dryRun) requireTools(`launch --rig ${cluster.rig}`);
  if ((await nodeStatus(options)).state === 'running') return;
  const files = nodeFiles(folder, node);
  // A machine whose start was interrupted before its process id was written down would keep the disk locked.
  await killUntilGone(gate, () => findPrograms(`${files.folder}/`));
  await gate.perform({ verb: 'make', target: files.folder }, async () => {
    await mkdir(files.folder, { recursive: true, mode: 0o700 });
  });
  const disks = [await ensureDisk(options), await makeSeedDisk(options)];
  if (identityDisk !== undefined) disks.push({ file: identityDisk, format: 'raw', readOnly: true });
  await ensureTap(gate, { ...options, record });
  await forget(gate, [files.stopped, files.pid, files.qmp, files.serial]);
  progress.note(`starting ${node}`);
  const machine = { gate, files, disks, record, tap: tapName(record.address), cluster };
  // Its command line holds what only the machine that runs it knows: firmware, accelerator, the disk's partitions.
  const start = {
    verb: 'start',
    target: node,
    reason: `${cluster.rig}, ${record.memoryMiB} MiB, image ${cluster.image.folder}`,
  };
  if (gate.dryRun) return void (await gate.perform(start, async () => {}));
  if (cluster.rig === 'uml') await startUmlNode({ ...machine, progress });
  else await startQemuNode({ ...machine, accelerator: options.accelerator });
}

/** A copy-on-write disk on the image's own, kept from start to start; complete or not there. */
export async function ensureDisk({
  gate,
  progress,
  folder,
  cluster,
  node,
}: Pick<StartNode, 'gate' | 'progress' | 'folder' | 'cluster' | 'node'>): Promise<MachineDisk> {
  const files = nodeFiles(folder, node);
  const kept: MachineDisk = { file: files.disk, format: 'qcow2', readOnly: false, kept: true };
  const there = await access(files.disk).then(
    () => true,
    () => false,
  );
  if (there) return kept;
  const growBytes = loadLocalCatalog().diskGrowth * 2 ** 30;
  const image = path.join(cluster.image.folder, DISK);
  const disk = { gate, disk: image, folder: files.folder, growBytes, progress };
  // Only what QEMU makes is looked into, which a dry run has none of.
  const made = gate.dryRun ? undefined : await qemuRig('tcg').copyDisk(disk);
  await gate.perform({ verb: 'make', target: files.disk, reason: `a copy of ${image}` }, async () => {
    if (made !== undefined) await rename(made.file, files.disk);
  });
  return kept;
}

/** Made at every start: it costs nothing, and what is there may be half. */
async function makeSeedDisk(options: StartNode): Promise<MachineDisk> {
  const { gate, folder, node, userData, metaData, vendorData } = options;
  const own = nodeFiles(folder, node).folder;
  const file = path.join(own, 'seed.img');
  await gate.perform({ verb: 'make', target: file, reason: 'carries the user data' }, async () => {
    await makeSeed({ gate, folder: own, userData, metaData, vendorData });
    await chmod(file, 0o600);
  });
  return { file, format: 'raw', readOnly: true };
}

/** The node's end of the bridge; it lives as long as the cluster's namespace. */
async function ensureTap(gate: Gate, { cluster, record }: InNode & { record: ClusterNode }): Promise<void> {
  const { namespace } = cluster.network;
  const tap = tapName(record.address);
  const { bridge } = loadLocalCatalog().network;
  const there = (await readLinks(namespace)).includes(tap);
  const commands = [
    ...(there ? [] : [`tuntap add dev ${tap} mode tap`]),
    `link set dev ${tap} master ${bridge}`,
    `link set dev ${tap} up`,
  ];
  await runCommand(gate, {
    file: 'ip',
    args: ['-n', namespace, '-batch', '-'],
    input: `${commands.join('\n')}\n`,
    reason: `connect ${record.name} to the bridge`,
  });
}

async function forget(gate: Gate, files: readonly string[]): Promise<void> {
  for (const file of files) {
    if (!gate.dryRun) await rm(file, { force: true });
  }
}
