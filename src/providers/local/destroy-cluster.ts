import { existsSync } from 'node:fs';
import { readdir, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import type { Gate } from '../../gate/gate.js';
import { runCommand } from '../../gate/run-command.js';
import { clusterProcesses, listLeftovers, mountsBelow } from './leftovers.js';
import { namespaceFile, namespaceName } from './names.js';
import { killUntilGone } from './processes.js';
import type { Destroyed, WithProgress } from './types.js';

/** What a cluster is remembered by: the last that goes, so that half a cluster can still be destroyed. */
const RECORD = 'cluster.json';
/** How often it is looked again for what a killed launch had just begun. */
const ROUNDS = 3;

/**
 * Removes all of a cluster: processes, network, mounts, folder. Needs none of it to be there or whole, so it also cleans up
 * after a launch or a destroy that was killed, and doing it twice is no error.
 *
 * @throws KilnError INTERRUPTED, COMMAND_FAILED
 */
export async function destroyCluster({
  gate,
  progress,
  folder,
  name,
}: WithProgress & { folder: string; name: string }): Promise<Destroyed> {
  // Everything below it is removed: a mistaken caller must not get further than this.
  if (path.basename(folder) !== name || !path.isAbsolute(folder))
    throw new RangeError(`no cluster: ${folder}`);
  const removed: string[] = [];
  const note = (what: string): void => {
    removed.push(what);
    progress.note(`removed ${what}`);
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    await destroyOnce(gate, { folder, name, note });
    if (gate.dryRun || (await listLeftovers(name, folder)).length === 0) break;
  }
  return { removed, leftovers: gate.dryRun ? [] : await listLeftovers(name, folder) };
}

async function destroyOnce(
  gate: Gate,
  { folder, name, note }: { folder: string; name: string; note: (what: string) => void },
): Promise<void> {
  const namespace = namespaceName(name);
  const killed = await killUntilGone(gate, () => clusterProcesses(name, folder));
  for (const { pid, name: program } of killed) note(`process ${pid} (${program})`);
  if (existsSync(namespaceFile(namespace))) {
    await runCommand(gate, {
      file: 'ip',
      args: ['netns', 'delete', namespace],
      reason: 'remove the network',
    });
    note(`network namespace ${namespace}`);
  }
  for (const place of await mountsBelow(folder)) {
    await runCommand(gate, {
      file: 'umount',
      args: ['--lazy', place],
      reason: 'remove a mount of the cluster',
    });
    note(`mount ${place}`);
  }
  if (!existsSync(folder)) return;
  await gate.perform({ verb: 'remove', target: folder }, () => removeFolder(folder));
  note(`folder ${folder}`);
}

/** Nothing is mounted below any more. */
async function removeFolder(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((entry) => entry !== RECORD);
  for (const entry of names) await rm(path.join(folder, entry), { recursive: true, force: true });
  await rm(path.join(folder, RECORD), { force: true });
  await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
    // A process that was just being started may have written there: the next round removes it.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'ENOENT') throw error;
  });
}
