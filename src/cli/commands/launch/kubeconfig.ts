import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { load } from 'js-yaml';
import { KilnError } from '../../../errors.js';
import { loadIdentity } from '../../../identity/load-identity.js';
import { type ProviderOptions, requireLocal } from '../../../launch/choose-provider.js';
import { clusterFiles } from '../../../launch/cluster-files.js';
import { parseClusterName } from '../../../launch/cluster-name.js';
import { requireCluster } from '../../../launch/cluster-store.js';
import { writeKubeconfig } from '../../../launch/write-kubeconfig.js';
import { formatActions, printResult } from '../../print.js';
import { withSession } from '../../session.js';

interface KubeconfigOptions extends ProviderOptions {
  cluster?: string | undefined;
  out?: string | undefined;
  dryRun?: true | undefined;
  json?: true | undefined;
}

/** `launch kubeconfig`: prints the path of a kubeconfig with a certificate that lasts 30 days at least. */
export async function runKubeconfig(options: KubeconfigOptions): Promise<void> {
  const name = parseClusterName(options.cluster);
  await requireLocal(options, {
    why: 'Clusters on AWS have no identity yet, so there is no administrator to write a kubeconfig for',
    instead:
      '`launch status --provider aws` shows what is known of the nodes; docs/aws.md tells what is missing.',
  });
  const files = clusterFiles(name);
  const file = options.out === undefined ? files.kubeconfig : path.resolve(options.out);
  const cluster = await requireCluster(name);
  await withSession(options, async ({ gate }) => {
    const identity = await loadIdentity(files.identity);
    if (options.out !== undefined) await refuseForeign(file, name);
    const written = await writeKubeconfig({ gate, cluster, identity, file });
    if (!gate.dryRun) return printResult({ kubeconfig: file, written }, file, options);
    const nothing = `Nothing to do: ${file} is good.`;
    printResult({ actions: gate.actions }, written ? formatActions(gate.actions) : nothing, options);
  });
}

/** Only what kiln wrote for a cluster of this name may go: a kubeconfig can be the only key to others. */
async function refuseForeign(file: string, name: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new KilnError('USAGE', `Cannot write to ${file}: ${error.message}`);
  });
  if (text === undefined || isOfCluster(text, name)) return;
  throw new KilnError('USAGE', `${file} is there already and is not a kubeconfig of cluster ${name} alone`, {
    hint: 'Name another file; KUBECONFIG=FILE1:FILE2 uses several together.',
  });
}

function isOfCluster(text: string, name: string): boolean {
  try {
    const { users } = load(text) as { users?: { name?: unknown }[] };
    return users?.length === 1 && users[0]?.name === `${name}-administrator`;
  } catch {
    return false;
  }
}
