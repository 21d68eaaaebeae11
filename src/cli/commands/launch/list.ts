import { chooseProvider, type ProviderOptions } from '../../../launch/choose-provider.js';
import { listClusterNames, readCluster } from '../../../launch/cluster-store.js';
import type { Cluster } from '../../../launch/types.js';
import { formatTable, printResult } from '../../print.js';

interface ListOptions extends ProviderOptions {
  json?: true | undefined;
}

/** `launch list`: every cluster there is anything of, on this machine or in a region of AWS. */
export async function runListClusters(options: ListOptions): Promise<void> {
  const { provider, config } = await chooseProvider(options);
  if (provider === 'local') return await listLocally(options);
  const { runListOnAws } = await import('./aws/list.js');
  await runListOnAws(options, config.aws);
}

async function listLocally(options: ListOptions): Promise<void> {
  const names = await listClusterNames();
  const clusters = await Promise.all(
    names.map(async (name) => ({ name, cluster: await readCluster(name).catch(() => undefined) })),
  );
  const result = clusters.map(({ name, cluster }) => cluster ?? { name, damaged: true });
  const rows = clusters.map(({ name, cluster }) =>
    cluster === undefined ? [name, 'damaged: only `launch destroy` is left for it'] : row(cluster),
  );
  printResult(result, rows.length === 0 ? 'No cluster was launched here.' : formatTable(rows), options);
}

function row({ name, nodes, rig, network, image, created }: Cluster): string[] {
  const count = nodes.length === 1 ? '1 node' : `${nodes.length} nodes`;
  return [name, count, rig, `https://127.0.0.1:${network.apiPort}`, image.folder, created];
}
