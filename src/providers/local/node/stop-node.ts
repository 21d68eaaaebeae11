import { rm, writeFile } from 'node:fs/promises';
import { connectQmp } from '../../../boot/qmp.js';
import { ensureUserModeLinux } from '../../../boot/uml/ensure-user-mode-linux.js';
import { tellKernel } from '../../../boot/uml/start-user-mode-linux.js';
import { loadLocalCatalog } from '../../../catalog/local.js';
import { runCommand } from '../../../gate/run-command.js';
import { silentProgress } from '../../../progress.js';
import { nodeFiles, tapName } from '../names.js';
import { readLinks } from '../network/links.js';
import { findPrograms, killUntilGone, waitUntilGone } from '../processes.js';
import type { InNode, WithGate, WithProgress } from '../types.js';
import { connectable } from './enter-node.js';
import { MACHINE_NAME } from './start-uml-node.js';

/**
 * Powers a node off as its power button does (under user-mode Linux: Ctrl-Alt-Delete), and ends it when it takes too long.
 * Does nothing when it does not run. `forced` says how it ended.
 */
export async function stopNode(options: InNode & WithProgress): Promise<{ forced: boolean }> {
  const { gate, progress, folder, cluster, node } = options;
  const { powerOff } = loadLocalCatalog();
  const find = () => findPrograms(`${nodeFiles(folder, node).folder}/`);
  if ((await find()).length === 0) return { forced: false };
  await noteAsked(options);
  progress.note(`powering ${node} off`);
  await gate.perform({ verb: 'power off', target: node }, () => pressPower(options));
  if (gate.dryRun || (await waitUntilGone(gate, find, powerOff[cluster.rig] * 1000)))
    return { forced: false };
  progress.note(`${node} did not power off within ${powerOff[cluster.rig]} s: ending it`);
  await killUntilGone(gate, find);
  return { forced: true };
}

/** Cuts a node's power: nothing is written any more. */
export async function killNode(options: InNode & WithGate): Promise<void> {
  const { gate, folder, node } = options;
  await noteAsked(options);
  await killUntilGone(gate, () => findPrograms(`${nodeFiles(folder, node).folder}/`));
}

/** Ends a node at once and removes all there is of it; its names go with the next `publishNodes`. */
export async function removeNode(options: InNode & WithProgress): Promise<void> {
  const { gate, progress, folder, cluster, node } = options;
  await killNode(options);
  const record = cluster.nodes.find(({ name }) => name === node);
  const { namespace } = cluster.network;
  const tap = record && tapName(record.address);
  if (tap !== undefined && (await readLinks(namespace)).includes(tap)) {
    const args = ['-n', namespace, 'link', 'delete', tap];
    await runCommand(gate, { file: 'ip', args, reason: `disconnect ${node} from the bridge` });
  }
  const own = nodeFiles(folder, node).folder;
  await gate.perform({ verb: 'remove', target: own }, () => rm(own, { recursive: true, force: true }));
  progress.note(`removed ${node}`);
}

async function noteAsked({ gate, folder, node }: InNode & WithGate): Promise<void> {
  const { stopped } = nodeFiles(folder, node);
  await gate.perform({ verb: 'write', target: stopped }, async () => {
    // A node without a folder has nothing to remember.
    await writeFile(stopped, '').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  });
}

/** A machine that does not listen is ended later. */
async function pressPower({ gate, folder, cluster, node }: InNode & WithProgress): Promise<void> {
  const files = nodeFiles(folder, node);
  if (cluster.rig === 'uml') {
    const kernel = await ensureUserModeLinux({ gate, progress: silentProgress });
    const told = { gate, kernel, folder: files.folder, name: MACHINE_NAME, words: ['cad'] };
    return await tellKernel(told).catch(() => gate.signal.throwIfAborted());
  }
  try {
    const qmp = await connectQmp(await connectable(files.qmp));
    await qmp.execute('system_powerdown').finally(() => qmp.close());
  } catch {
    gate.signal.throwIfAborted();
  }
}
