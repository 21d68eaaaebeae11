import { mkdir, readdir, readFile } from 'node:fs/promises';
import { errorCode } from '../artifacts/file-problem.js';
import { writeFileAtomically } from '../artifacts/write-file-atomically.js';
import { KilnError } from '../errors.js';
import type { Gate } from '../gate/gate.js';
import { clustersFolder } from '../providers/local/names.js';
import { clusterFiles } from './cluster-files.js';
import type { Cluster } from './types.js';

/** A cluster as it was written last; `undefined` when there is none of that name. @throws KilnError CLUSTER_INVALID. */
export async function readCluster(name: string): Promise<Cluster | undefined> {
  const file = clusterFiles(name).cluster;
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw unreadable(file, error);
  });
  if (text === undefined) return undefined;
  const cluster = parse(file, text);
  if (cluster.name === name && Array.isArray(cluster.nodes)) return cluster;
  throw unreadable(file, new Error(`it does not describe the cluster ${name}`));
}

/** The cluster, for verbs that need one. @throws KilnError CLUSTER_MISSING with the names there are. */
export async function requireCluster(name: string): Promise<Cluster> {
  const cluster = await readCluster(name);
  if (cluster !== undefined) return cluster;
  const names = await listClusterNames();
  const hint =
    names.length === 0
      ? 'None was launched here yet: `launch --role master,minion` makes one.'
      : `Launched here: ${names.join(', ')}. Choose with --cluster.`;
  throw new KilnError('CLUSTER_MISSING', `There is no cluster ${JSON.stringify(name)}`, { hint });
}

/** Names of the clusters launched here, sorted; half-removed ones too, so that they can be destroyed. */
export async function listClusterNames(): Promise<string[]> {
  const entries = await readdir(clustersFolder(), { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** Writes a cluster whole or not at all, in its own folder (0700). */
export async function writeCluster(gate: Gate, cluster: Cluster): Promise<void> {
  const { folder, cluster: file } = clusterFiles(cluster.name);
  const reason = `cluster ${cluster.name}: ${cluster.nodes.map(({ name }) => name).join(', ')}`;
  await gate.perform({ verb: 'write', target: file, reason }, async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFileAtomically(file, `${JSON.stringify(cluster, null, 2)}\n`);
  });
}

function parse(file: string, text: string): Cluster {
  try {
    return JSON.parse(text) as Cluster;
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): KilnError {
  return new KilnError('CLUSTER_INVALID', `Cannot read ${file}: ${(error as Error).message}`, {
    hint: 'Run the command as the user who launched the cluster (with sudo?); `launch destroy` removes it either way.',
  });
}
