import { existsSync } from 'node:fs';
import { KilnError } from '../errors.js';
import {
  freeApiPort,
  isFreePort,
  isServingApi,
  namespaceFile,
  namespaceName,
} from '../providers/local/local-provider.js';
import { clusterFiles } from './cluster-files.js';
import { listClusterNames, readCluster } from './cluster-store.js';
import type { Cluster, LocalNetwork } from './types.js';

/**
 * The network of a cluster: the one it has, with another port when a program took its port while nothing of the cluster
 * served there; for one to be founded (`undefined`) a new one.
 *
 * @throws KilnError LAUNCH_REFUSED when a cluster of that name runs that another state folder knows; USAGE without a free port.
 */
export async function chooseNetwork(name: string, cluster: Cluster | undefined): Promise<LocalNetwork> {
  return cluster === undefined ? await newNetwork(name) : await keptNetwork(cluster);
}

async function newNetwork(name: string): Promise<LocalNetwork> {
  const namespace = namespaceName(name);
  if (existsSync(namespaceFile(namespace))) {
    throw new KilnError('LAUNCH_REFUSED', `The network namespace ${namespace} is there already`, {
      hint: `A cluster ${name} was launched with another state folder ($XDG_STATE_HOME, or by another user): destroy it from there, or take another name.`,
    });
  }
  return { namespace, apiPort: await freeApiPort(await portsOfOthers(name)) };
}

async function keptNetwork({ name, network }: Cluster): Promise<LocalNetwork> {
  const { folder } = clusterFiles(name);
  if ((await isServingApi(folder)) || (await isFreePort(network.apiPort))) return network;
  return { ...network, apiPort: await freeApiPort(await portsOfOthers(name)) };
}

/** Also of those that do not run: they want theirs back. */
async function portsOfOthers(own: string): Promise<number[]> {
  const names = (await listClusterNames()).filter((name) => name !== own);
  const others = await Promise.all(names.map((name) => readCluster(name).catch(() => undefined)));
  return others.flatMap((other) => (other === undefined ? [] : [other.network.apiPort]));
}
