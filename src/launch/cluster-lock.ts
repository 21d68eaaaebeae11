import { createHash } from 'node:crypto';
import { connect, createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../artifacts/file-problem.js';
import { KilnError } from '../errors.js';
import { clusterFolder, clustersFolder } from '../providers/local/names.js';

/** How long the holder is given to say which process it is, in milliseconds. */
const ASK_TIMEOUT = 500;
/** Between two tries to found a cluster, and how long they go on, in milliseconds. */
const RETRY = 100;
const FOUNDING_TIMEOUT = 30_000;

/**
 * Does `work` as the only one who changes this cluster. The lock is a socket in Linux's abstract namespace (unix(7)): the
 * kernel gives it to one process and takes it back however that one ends, so none is ever left behind by the dead.
 *
 * @throws KilnError CLUSTER_BUSY, naming the process that has it.
 */
export async function withClusterLock<T>(cluster: string, work: () => Promise<T>): Promise<T> {
  const address = lockAddress(clusterFolder(cluster));
  const server = await hold(address);
  if (server === undefined) {
    const holder = await askHolder(address);
    throw new KilnError('CLUSTER_BUSY', `Cluster ${cluster} is being changed by another launch${holder}`, {
      hint: 'Wait until it is done, or end it; then run the same command again.',
    });
  }
  return await release(server, work);
}

/** Does `work`, which chooses what no other cluster has and writes it down, while no other cluster is founded; waits for that. */
export async function withFoundingLock<T>(work: () => Promise<T>): Promise<T> {
  const address = lockAddress(clustersFolder());
  const deadline = Date.now() + FOUNDING_TIMEOUT;
  for (;;) {
    const server = await hold(address);
    if (server !== undefined) return await release(server, work);
    if (Date.now() > deadline) {
      throw new KilnError('CLUSTER_BUSY', `Another cluster is being founded${await askHolder(address)}`);
    }
    await sleep(RETRY);
  }
}

async function release<T>(server: Server, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    server.close();
  }
}

/** Each user and state folder has its own; a socket's name has 107 bytes at most. */
function lockAddress(folder: string): string {
  return `\0kiln-${createHash('sha256').update(folder).digest('hex')}`;
}

/** `undefined` when another process has it. */
function hold(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      // Who asks may be gone before it has read the answer.
      socket.on('error', () => {});
      socket.end(`${process.pid}`);
    });
    server.unref();
    server.once('error', (error) => (errorCode(error) === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen({ path: address }, () => resolve(server));
  });
}

/** ` (process 123)`, or nothing when the holder is too busy to answer. */
function askHolder(address: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ path: address });
    socket.setTimeout(ASK_TIMEOUT, () => socket.destroy());
    socket.on('data', (chunk) => {
      answer += String(chunk);
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(/^\d+$/.test(answer) ? ` (process ${answer})` : ''));
  });
}
