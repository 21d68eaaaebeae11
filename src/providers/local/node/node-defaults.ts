import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { loadLocalCatalog } from '../../../catalog/local.js';
import { KilnError } from '../../../errors.js';
import type { ClusterNode, LocalRig } from '../../../launch/types.js';

/** MiB a node with these roles gets when nobody says otherwise. */
export function defaultMemory({ roles, rig }: { roles: readonly string[]; rig: LocalRig }): number {
  const { memory } = loadLocalCatalog();
  const sum = roles.reduce((total, role) => total + (memory.roles[role] ?? 0), 0);
  return Math.max(sum === 0 ? memory.none : sum, memory.minimum[rig]);
}

/** The lowest address no node has. @throws KilnError USAGE when all are taken. */
export function nextAddress(nodes: readonly Pick<ClusterNode, 'address'>[]): string {
  const { firstNode, lastNode } = loadLocalCatalog().network;
  const taken = new Set(nodes.map(({ address }) => address));
  const last = toNumber(lastNode);
  for (let number = toNumber(firstNode); number <= last; number += 1) {
    const address = toAddress(number);
    if (!taken.has(address)) return address;
  }
  throw new KilnError('USAGE', `A local cluster has ${taken.size} nodes at most`, {
    hint: 'Remove some, or launch another cluster.',
  });
}

/** A hardware address no node has. */
export function nextMac(nodes: readonly Pick<ClusterNode, 'mac'>[]): string {
  const taken = new Set(nodes.map(({ mac }) => mac));
  for (;;) {
    const chance = [...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, '0'));
    const mac = [loadLocalCatalog().network.macPrefix, ...chance].join(':');
    if (!taken.has(mac)) return mac;
  }
}

/**
 * A port on 127.0.0.1 that is free now and that none of `taken` (those of other clusters, running or not) is.
 *
 * @throws KilnError USAGE when there is none.
 */
export async function freeApiPort(taken: readonly number[]): Promise<number> {
  const { first, last } = loadLocalCatalog().network.apiPorts;
  for (let port = first; port <= last; port += 1) {
    if (!taken.includes(port) && (await isFreePort(port))) return port;
  }
  throw new KilnError('USAGE', `No port from ${first} to ${last} is free for the API`);
}

/** Whether nothing listens on this port of 127.0.0.1. */
export async function isFreePort(port: number): Promise<boolean> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function toNumber(address: string): number {
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0);
}

function toAddress(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
}
