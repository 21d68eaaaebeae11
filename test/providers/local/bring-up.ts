import { createGate } from '../../../src/gate/gate.js';
import { renderMetaData, renderUserData } from '../../../src/launch/render-user-data.js';
import type { Cluster } from '../../../src/launch/types.js';
import { silentProgress } from '../../../src/progress.js';
import {
  ensureNetwork,
  loginVendorData,
  makeSshKey,
  publishNodes,
  startNode,
} from '../../../src/providers/local/local-provider.js';

/** Network and nodes of a cluster; nodes that run are left as they are. Also run by processes that are killed in it. */
export async function bringUp(folder: string, cluster: Cluster): Promise<void> {
  const gate = createGate({});
  await ensureNetwork({ gate, progress: silentProgress, folder, cluster });
  await publishNodes({ gate, folder, cluster });
  for (const { name } of cluster.nodes) await bringUpNode(folder, cluster, name);
}

export async function bringUpNode(
  folder: string,
  cluster: Cluster,
  node: string,
  gate = createGate({}),
): Promise<void> {
  const publicKey = await makeSshKey({ gate, folder });
  const roles = cluster.nodes.find(({ name }) => name === node)?.roles ?? [];
  await startNode({
    ...{ gate, progress: silentProgress, folder, cluster, node },
    userData: renderUserData({ roles, cluster: cluster.name }),
    metaData: renderMetaData({ instanceId: `${cluster.name}-${node}`, hostname: node }),
    vendorData: loginVendorData({ publicKey }),
  });
}
