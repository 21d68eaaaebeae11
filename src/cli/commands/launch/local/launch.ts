import type { Gate } from '../../../../gate/gate.js';
import { clusterFiles } from '../../../../launch/cluster-files.js';
import { type Launched, launch } from '../../../../launch/launch.js';
import { userDataOf } from '../../../../launch/launch-nodes.js';
import { localMachineProbe } from '../../../../launch/machine-probe.js';
import { parseRequest } from '../../../../launch/parse-request.js';
import type { LaunchPlan } from '../../../../launch/plan-launch.js';
import { waitForCluster } from '../../../../launch/wait-for-cluster.js';
import { silentProgress } from '../../../../progress.js';
import { DEFAULTS } from '../../../../spec/defaults.js';
import { formatActions, formatTable, printResult } from '../../../print.js';
import { type Session, withSession } from '../../../session.js';
import { formatStatus } from '../format-status.js';
import { interruptedMeans } from '../interrupted-means.js';
import type { LaunchOptions } from '../launch.js';

const GO_ON = 'The same command finishes the launch; `launch destroy` takes everything away.';

/**
 * `launch` on this machine: prints the nodes it is about; with `--json` the plan of the launch and, after a wait, their
 * status.
 *
 * @throws KilnError USAGE, UNKNOWN_NAME, and what `launch` throws.
 */
export async function runLaunchHere(options: LaunchOptions): Promise<void> {
  const request = parseRequest(options);
  await withSession(options, async (session) => {
    const { gate, progress } = session;
    const { image, out = DEFAULTS.out } = options;
    const plan = await launch({
      gate,
      progress: gate.dryRun ? silentProgress : progress,
      request,
      image,
      out,
    });
    progress.end();
    for (const warning of plan.warnings) process.stderr.write(`warning: ${warning}\n`);
    if (gate.dryRun) return printDryRun(gate, plan, options);
    await report(session, plan, options);
  }).catch(interruptedMeans('what runs goes on', GO_ON));
}

async function report(session: Session, plan: Launched, options: LaunchOptions): Promise<void> {
  const { cluster, nodes, added } = plan;
  const names = nodes.map(({ name }) => name);
  const { kubeconfig } = clusterFiles(cluster.name);
  const status =
    (options.wait ?? process.stdout.isTTY === true) ? await wait(session, plan, names) : undefined;
  const text = status === undefined ? formatTable(nodes.map(row)) : formatStatus(status);
  const result = { cluster, nodes: names, added: added.map(({ name }) => name), kubeconfig, status };
  printResult(result, text, options);
}

async function wait({ gate, progress }: Session, { cluster, since }: Launched, names: readonly string[]) {
  const probe = localMachineProbe(gate, cluster);
  const status = await waitForCluster({ cluster, names, since, probe, progress, signal: gate.signal });
  progress.end();
  return status;
}

function row({ name, roles, address }: LaunchPlan['nodes'][number]): string[] {
  return [name, roles.join(','), address];
}

function printDryRun({ actions }: Gate, { cluster, nodes, added }: LaunchPlan, options: LaunchOptions): void {
  const userData = Object.fromEntries(nodes.map((node) => [node.name, userDataOf(cluster, node)]));
  const told = Object.entries(userData).map(([name, text]) => `\nUser data of ${name}:\n${text}`);
  const result = {
    actions,
    cluster,
    nodes: nodes.map(({ name }) => name),
    added: added.map(({ name }) => name),
    userData,
  };
  printResult(result, [formatActions(actions), ...told].join('\n'), options);
}
