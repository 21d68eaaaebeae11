import { mkdir, statfs } from 'node:fs/promises';
import { loadLocalCatalog } from '../../../catalog/local.js';
import type { Gate } from '../../../gate/gate.js';
import { runCommand } from '../../../gate/run-command.js';
import { requireTools } from '../../../tools/check-tools.js';
import { requireRoot } from '../../../tools/require-root.js';
import { namespaceFile, networkFiles } from '../names.js';
import { inNamespace, pidOf } from '../processes.js';
import type { InCluster, WithProgress } from '../types.js';
import { readLinks } from './links.js';
import { noteLoaded, reloadNames, tellServers, writeChanged, writeNodes } from './publish-nodes.js';
import { renderDnsmasq, renderUpstream } from './render-network.js';
import { ensureWayOut } from './way-out.js';

/** NSFS_MAGIC in linux/magic.h: what a file that stands for a namespace is on. */
const NAMESPACE_FILE = 0x6e_73_66_73;

/**
 * The cluster's network, whatever of it is missing or has died: namespace, bridge, addresses and names, the API on the
 * host's loopback, the way out where this machine allows one. Changes nothing of the host's own network.
 *
 * @throws KilnError TOOL_MISSING, ROOT_NEEDED, COMMAND_FAILED (the port of the API is taken, for one)
 */
export async function ensureNetwork(options: InCluster & WithProgress): Promise<void> {
  const { gate, progress, folder, cluster } = options;
  // A dry run is for any machine.
  if (!gate.dryRun) {
    requireTools('launch');
    requireRoot('A local cluster has a network of its own, and making one needs root');
  }
  const { namespace } = cluster.network;
  await gate.perform({ verb: 'make', target: networkFiles(folder).folder }, async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await mkdir(networkFiles(folder).folder, { recursive: true });
  });
  await ensureNamespace(gate, namespace);
  await ensureBridge(gate, namespace);
  const hasWayOut = await ensureWayOut({ gate, progress, folder, namespace });
  await ensureServers(options, hasWayOut);
}

/** Whether what serves the API of the cluster in this folder runs, and so has the cluster's port. */
export async function isServingApi(folder: string): Promise<boolean> {
  const { haproxy } = networkFiles(folder);
  return (await pidOf(haproxy.pid, haproxy.config)) !== undefined;
}

async function ensureNamespace(gate: Gate, namespace: string): Promise<void> {
  const file = namespaceFile(namespace);
  const type = await statfs(file).then(
    (found) => found.type,
    () => undefined,
  );
  if (type === NAMESPACE_FILE) return;
  const change = async (verb: string, reason: string): Promise<void> => {
    await runCommand(gate, { file: 'ip', args: ['netns', verb, namespace], reason });
  };
  // What was interrupted between making the name and making the namespace.
  if (type !== undefined) await change('delete', 'remove a name without a network');
  await change('add', "make the cluster's network");
}

async function ensureBridge(gate: Gate, namespace: string): Promise<void> {
  const { bridge, bridgeMac, address, prefix } = loadLocalCatalog().network;
  const there = (await readLinks(namespace)).includes(bridge);
  const commands = [
    'link set lo up',
    ...(there ? [] : [`link add ${bridge} address ${bridgeMac} type bridge`]),
    `addr replace ${address}/${prefix} dev ${bridge}`,
    `link set ${bridge} up`,
  ];
  const reason = "make the bridge the cluster's nodes are on";
  await runCommand(gate, {
    file: 'ip',
    args: ['-n', namespace, '-batch', '-'],
    input: `${commands.join('\n')}\n`,
    reason,
  });
  const [file = '', ...args] = inNamespace(namespace, ['sysctl', '-q', '-w', 'net.ipv4.ip_forward=1']);
  await runCommand(gate, { file, args, reason: 'let the bridge forward' });
}

/** Servers that run take over what changed; those that do not are started and read everything. */
async function ensureServers({ gate, folder, cluster }: InCluster & WithProgress, hasWayOut: boolean) {
  const files = networkFiles(folder);
  const { dnsmasq, haproxy } = files;
  await writeChanged(gate, dnsmasq.config, renderDnsmasq({ folder, name: cluster.name }));
  const moved = await writeChanged(gate, files.upstream, renderUpstream(hasWayOut));
  await writeNodes({ gate, folder, cluster });
  if ((await pidOf(dnsmasq.pid, dnsmasq.config)) === undefined) {
    const command = ['dnsmasq', `--conf-file=${dnsmasq.config}`, `--pid-file=${dnsmasq.pid}`];
    const [file = '', ...args] = inNamespace(cluster.network.namespace, command);
    await runCommand(gate, { file, args, reason: 'give the nodes addresses and names' });
  } else if (moved) {
    await reloadNames(gate, folder);
  }
  if (!(await isServingApi(folder))) {
    const args = ['-W', '-D', '-f', haproxy.config, '-p', haproxy.pid];
    await runCommand(gate, {
      file: 'haproxy',
      args,
      reason: `serve the API on port ${cluster.network.apiPort}`,
    });
    await noteLoaded(gate, folder, cluster);
  }
  await tellServers({ gate, folder, cluster });
}
