import { KilnError } from '../../../errors.js';
import { createGate } from '../../../gate/gate.js';
import { type ProviderOptions, requireLocal } from '../../../launch/choose-provider.js';
import { clusterFiles } from '../../../launch/cluster-files.js';
import { parseClusterName } from '../../../launch/cluster-name.js';
import { requireCluster } from '../../../launch/cluster-store.js';
import { enterSerialConsole } from '../../../launch/enter-serial-console.js';
import { runAttached } from '../../../launch/run-attached.js';
import type { Cluster } from '../../../launch/types.js';
import { commandInNode, nodeStatus, serialSocket } from '../../../providers/local/local-provider.js';
import { requireRoot } from '../../../tools/require-root.js';

interface ConsoleOptions extends ProviderOptions {
  cluster?: string | undefined;
  serial?: true | undefined;
}

/** `launch console NODE`: a shell there, or a command with its exit status. @throws KilnError UNKNOWN_NAME, LAUNCH_FAILED. */
export async function runConsole(
  node: string,
  words: readonly string[],
  options: ConsoleOptions,
): Promise<void> {
  await requireLocal(options, {
    why: 'kiln has no login on nodes of AWS, so there is no shell to open',
    instead: `\`launch logs ${node} --provider aws\` prints the node's console; for a shell use AWS's serial console or Session Manager, if the image and its role allow them.`,
  });
  const cluster = await requireCluster(parseClusterName(options.cluster));
  const { folder } = clusterFiles(cluster.name);
  const command = commandInNode({ folder, cluster, node, command: words });
  const { state } = await nodeStatus({ folder, cluster, node });
  if (state !== 'running') {
    throw new KilnError('LAUNCH_FAILED', `The machine of ${node} is ${state}`, {
      hint: `\`launch logs ${node} --console\` shows what it said last; launching its role again starts it.`,
    });
  }
  requireRoot('The network of the nodes can be entered by root only');
  if (options.serial === true) return await enterSerial(cluster, node);
  process.exitCode = await runAttached(createGate({}), command, `enter ${node}`);
}

async function enterSerial(cluster: Cluster, node: string): Promise<void> {
  const { folder } = clusterFiles(cluster.name);
  const socket = await serialSocket({ folder, cluster, node });
  if (socket !== undefined) return await enterSerialConsole(socket);
  throw new KilnError('USAGE', `${node} runs under user-mode Linux, whose console can only be read`, {
    hint: `\`launch logs ${node} --console --follow\`.`,
  });
}
