import path from 'node:path';
import { loadIdentity } from '../../../identity/load-identity.js';
import { clusterFiles } from '../../../launch/cluster-files.js';
import { parseClusterName } from '../../../launch/cluster-name.js';
import { requireCluster } from '../../../launch/cluster-store.js';
import { writeKubeconfig } from '../../../launch/write-kubeconfig.js';
import { formatActions, printResult } from '../../print.js';
import { withSession } from '../../session.js';

interface KubeconfigOptions {
  cluster?: string | undefined;
  out?: string | undefined;
  dryRun?: true | undefined;
  json?: true | undefined;
}

/** `launch kubeconfig`: prints the path of a kubeconfig with a certificate that lasts 30 days at least. */
export async function runKubeconfig(options: KubeconfigOptions): Promise<void> {
  const name = parseClusterName(options.cluster);
  const files = clusterFiles(name);
  const file = options.out === undefined ? files.kubeconfig : path.resolve(options.out);
  const cluster = await requireCluster(name);
  await withSession(options, async ({ gate }) => {
    const identity = await loadIdentity(files.identity);
    const written = await writeKubeconfig({ gate, cluster, identity, file });
    if (!gate.dryRun) return printResult({ kubeconfig: file, written }, file, options);
    const nothing = `Nothing to do: ${file} is good.`;
    printResult({ actions: gate.actions }, written ? formatActions(gate.actions) : nothing, options);
  });
}
