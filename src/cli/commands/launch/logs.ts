import { readFile } from 'node:fs/promises';
import { plainText } from '../../../boot/virtual-machine.js';
import { KilnError } from '../../../errors.js';
import { createGate, type Gate } from '../../../gate/gate.js';
import { chooseProvider, type ProviderOptions } from '../../../launch/choose-provider.js';
import { clusterFiles } from '../../../launch/cluster-files.js';
import { parseClusterName } from '../../../launch/cluster-name.js';
import { requireCluster } from '../../../launch/cluster-store.js';
import { runAttached } from '../../../launch/run-attached.js';
import { commandInNode, nodeStatus } from '../../../providers/local/local-provider.js';
import { nodeFiles } from '../../../providers/local/names.js';
import { requireRoot } from '../../../tools/require-root.js';

export interface LogsOptions extends ProviderOptions {
  cluster?: string | undefined;
  unit?: string[] | undefined;
  follow?: true | undefined;
  console?: true | undefined;
}

/** What ssh ends with when it is ssh that failed, and not what it ran: ssh(1). */
const NO_WAY_IN = 255;

/** `launch logs NODE`: the journal of this boot; what the machine wrote to its console where nobody can get in. */
export async function runLogs(node: string, options: LogsOptions): Promise<void> {
  const name = parseClusterName(options.cluster);
  const { provider, config } = await chooseProvider(options);
  if (provider === 'aws') {
    const { runLogsOnAws } = await import('./aws/logs.js');
    return await runLogsOnAws({ cluster: name, node }, options, config.aws);
  }
  await printLocalLogs(name, node, options);
}

async function printLocalLogs(name: string, node: string, options: LogsOptions): Promise<void> {
  const cluster = await requireCluster(name);
  const { folder } = clusterFiles(cluster.name);
  // Names the nodes there are when this is none.
  const command = commandInNode({ folder, cluster, node, command: journal(options) });
  const gate = createGate({});
  const log = nodeFiles(folder, node).console;
  if (options.console === true) return await printConsole(gate, log, options);
  const { state } = await nodeStatus({ folder, cluster, node });
  if (state === 'running') {
    requireRoot('The network of the nodes can be entered by root only');
    const status = await runAttached(gate, command, `read the journal of ${node}`);
    if (status !== NO_WAY_IN) {
      // Ctrl-C is how following ends.
      process.exitCode = options.follow === true && status === 130 ? 0 : status;
      return;
    }
  }
  process.stderr.write(
    `${state === 'running' ? 'No login' : `Its machine is ${state}`}: this is the console of ${node}\n`,
  );
  await printConsole(gate, log, options);
}

function journal({ unit = [], follow }: LogsOptions): string[] {
  return [
    ...['sudo', 'journalctl', '--boot', '--no-pager', '--output=short-precise'],
    ...unit.map((name) => `--unit=${name}`),
    ...(follow === true ? ['--follow', '--lines=100'] : []),
  ];
}

async function printConsole(gate: Gate, log: string, { follow }: LogsOptions): Promise<void> {
  const text = await readFile(log, 'utf8').catch(() => {
    throw new KilnError('LAUNCH_FAILED', `There is no ${log}: this node never ran`);
  });
  if (follow === true) await runAttached(gate, ['tail', '-n', '+1', '-F', '--', log], 'follow the console');
  else process.stdout.write(plainText(text));
}
