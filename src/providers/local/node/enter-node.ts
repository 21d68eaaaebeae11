import { open } from 'node:fs/promises';
import path from 'node:path';
import { loadLocalCatalog } from '../../../catalog/local.js';
import { KilnError } from '../../../errors.js';
import type { ClusterNode } from '../../../launch/types.js';
import { keyFile, nodeFiles } from '../names.js';
import { inNamespace } from '../processes.js';
import type { InNode } from '../types.js';

/** What fits into the address of a socket: 108 bytes with the one that ends it, unix(7). */
const SOCKET_PATH = 107;

/**
 * The argument list that runs a command in a node, or without one logs in there, as the login user with sudo.
 *
 * @throws KilnError UNKNOWN_NAME for a node the cluster does not have.
 */
export function commandInNode({
  folder,
  cluster,
  node,
  command = [],
}: InNode & { command?: readonly string[] }) {
  const { address } = findNode({ folder, cluster, node });
  const options = [
    'IdentitiesOnly=yes',
    // A node's own, for addresses are given again; it goes when the node does.
    `UserKnownHostsFile=${quoteForSsh(nodeFiles(folder, node).knownHosts)}`,
    `GlobalKnownHostsFile=/dev/null`,
    'StrictHostKeyChecking=accept-new',
    'PasswordAuthentication=no',
    'ConnectTimeout=10',
    'ServerAliveInterval=15',
    'LogLevel=ERROR',
    ...(command.length === 0 ? [] : ['BatchMode=yes']),
  ];
  return inNamespace(cluster.network.namespace, [
    ...['ssh', '-F', '/dev/null', '-i', keyFile(folder)],
    ...options.flatMap((option) => ['-o', option]),
    `${loadLocalCatalog().login.user}@${address}`,
    // ssh joins its words with spaces for the shell at the other end.
    ...(command.length === 0 ? [] : ['--', command.map(quoteForShell).join(' ')]),
  ]);
}

/** The node of that name. @throws KilnError UNKNOWN_NAME. */
export function findNode({ cluster, node }: InNode): ClusterNode {
  const found = cluster.nodes.find(({ name }) => name === node);
  if (found !== undefined) return found;
  throw new KilnError('UNKNOWN_NAME', `The cluster ${cluster.name} has no node ${JSON.stringify(node)}`, {
    hint: `Its nodes: ${cluster.nodes.map(({ name }) => name).join(', ') || 'none'}.`,
  });
}

/** A node's serial console, as a socket that can be connected to; user-mode Linux has none, only what it wrote. */
export async function serialSocket({ folder, cluster, node }: InNode): Promise<string | undefined> {
  if (cluster.rig === 'uml') return undefined;
  return await connectable(nodeFiles(folder, node).serial);
}

/**
 * The path of a socket in a form short enough for an address, good for as long as this process runs; programs it starts
 * can use it too.
 */
export async function connectable(socket: string): Promise<string> {
  if (Buffer.byteLength(socket) <= SOCKET_PATH) return socket;
  const { fd } = await keepOpen(path.dirname(socket));
  return `/proc/${process.pid}/fd/${fd}/${path.basename(socket)}`;
}

/** Folders that were opened stay so: a handle nothing refers to any more would be closed. */
const opened = new Map<string, Awaited<ReturnType<typeof open>>>();

async function keepOpen(folder: string) {
  const handle = opened.get(folder) ?? (await open(folder, 'r'));
  opened.set(folder, handle);
  return handle;
}

function quoteForShell(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** As in ssh_config(5); a percent sign stands for something there. */
function quoteForSsh(text: string): string {
  return `"${text.replaceAll('%', '%%')}"`;
}
