import { setTimeout as sleep } from 'node:timers/promises';
import { createGate } from '../../../gate/gate.js';
import { parseClusterName } from '../../../launch/cluster-name.js';
import { requireCluster } from '../../../launch/cluster-store.js';
import { localMachineProbe } from '../../../launch/machine-probe.js';
import { type ClusterStatus, readStatus } from '../../../launch/read-status.js';
import { formatStatus } from './format-status.js';

interface StatusOptions {
  cluster?: string | undefined;
  watch?: true | undefined;
  json?: true | undefined;
}

/** Between two looks, in milliseconds. */
const INTERVAL = 5_000;
/** Escape sequences: the cursor to the top left, then everything below it cleared. */
const CLEAR = '\u001B[H\u001B[J';

/** `launch status`: what can be known; exit status 0 whatever it is. @throws KilnError CLUSTER_MISSING. */
export async function runStatus({ cluster, watch, json }: StatusOptions): Promise<void> {
  const name = parseClusterName(cluster);
  // There is nothing to tidy up, and nobody to go on for.
  process.stdout.once('error', () => process.exit());
  for (;;) {
    const text = await look(name, { lines: watch === true, json: json === true });
    if (watch !== true) return void process.stdout.write(text);
    // Nodes come and go between two looks, so what is not new may have vanished.
    process.stdout.write(process.stdout.isTTY && json !== true ? `${CLEAR}${text}` : text);
    await sleep(INTERVAL);
  }
}

async function look(name: string, { lines, json }: { lines: boolean; json: boolean }): Promise<string> {
  const cluster = await requireCluster(name);
  const status = await readStatus({ cluster, probe: localMachineProbe(createGate({}), cluster) });
  return json ? toJson(status, lines) : `${formatStatus(status)}\n`;
}

/** Watched, one document a line: what reads it needs to know where one ends. */
function toJson(status: ClusterStatus, line: boolean): string {
  return `${line ? JSON.stringify(status) : JSON.stringify(status, null, 2)}\n`;
}
