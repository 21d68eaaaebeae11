import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '../../../artifacts/write-file-atomically.js';
import type { Gate } from '../../../gate/gate.js';
import { runCommand } from '../../../gate/run-command.js';
import { networkFiles } from '../names.js';
import { pidOf } from '../processes.js';
import type { InCluster, WithGate } from '../types.js';
import { renderHaproxy, renderLeases, renderNames } from './render-network.js';

/**
 * Makes addresses, names and the way to the API those of `cluster.nodes`, no more and no less; what serves them takes it
 * over without a restart, and connections to the API stay where the masters do.
 */
export async function publishNodes({ gate, folder, cluster }: InCluster & WithGate): Promise<void> {
  await writeNodes({ gate, folder, cluster });
  await tellServers({ gate, folder, cluster });
}

/** Has those that run take over what was written; a haproxy that runs with it already is left alone. */
export async function tellServers({ gate, folder, cluster }: InCluster & WithGate): Promise<void> {
  const files = networkFiles(folder);
  // Always: the one before may have been killed between writing and this, and it costs nothing.
  await reloadNames(gate, folder);
  const loaded = await readFile(files.haproxy.loaded, 'utf8').catch(() => undefined);
  if (loaded === renderHaproxy(cluster)) return;
  await checkHaproxy(gate, folder);
  await signalServer(gate, files.haproxy, 'SIGUSR2', 'read the addresses of the masters');
  await noteLoaded(gate, folder, cluster);
}

/** Writes what differs. */
export async function writeNodes({ gate, folder, cluster }: InCluster & WithGate): Promise<void> {
  const files = networkFiles(folder);
  await writeChanged(gate, files.leases, renderLeases(cluster.nodes));
  await writeChanged(gate, files.names, renderNames(cluster));
  await writeChanged(gate, files.haproxy.config, renderHaproxy(cluster));
}

/** Has dnsmasq read its files again: by itself it sees what is new, not what is gone. */
export async function reloadNames(gate: Gate, folder: string): Promise<void> {
  await signalServer(gate, networkFiles(folder).dnsmasq, 'SIGHUP', 'read the names of the nodes');
}

/** Remembers what haproxy runs with, which is what it was last told to read. */
export async function noteLoaded(gate: Gate, folder: string, cluster: InCluster['cluster']): Promise<void> {
  await writeChanged(gate, networkFiles(folder).haproxy.loaded, renderHaproxy(cluster));
}

/** Writes a file unless it says the same already. */
export async function writeChanged(gate: Gate, file: string, content: string): Promise<boolean> {
  if ((await readFile(file, 'utf8').catch(() => undefined)) === content) return false;
  await gate.perform({ verb: 'write', target: file }, () => writeFileAtomically(file, content));
  return true;
}

/** A configuration haproxy refuses would show only when it is gone. */
async function checkHaproxy(gate: Gate, folder: string): Promise<void> {
  const args = ['-c', '-q', '-f', networkFiles(folder).haproxy.config];
  await runCommand(gate, { file: 'haproxy', args, reason: 'check the way to the API' });
}

async function signalServer(
  gate: Gate,
  server: { config: string; pid: string },
  signal: NodeJS.Signals,
  reason: string,
): Promise<void> {
  const pid = await pidOf(server.pid, server.config);
  if (pid === undefined) return;
  await gate.perform({ verb: 'signal', target: `process ${pid}: ${signal}`, reason }, async () => {
    process.kill(pid, signal);
  });
}
