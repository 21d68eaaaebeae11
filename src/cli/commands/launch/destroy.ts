import { KilnError } from '../../../errors.js';
import { chooseProvider, type ProviderOptions } from '../../../launch/choose-provider.js';
import { clusterFiles } from '../../../launch/cluster-files.js';
import { withClusterLock } from '../../../launch/cluster-lock.js';
import { parseClusterName } from '../../../launch/cluster-name.js';
import { destroyCluster, folderElsewhere, listLeftovers } from '../../../providers/local/local-provider.js';
import { requireRoot } from '../../../tools/require-root.js';
import { formatActions, printResult } from '../../print.js';
import { type Session, withSession } from '../../session.js';
import { askToEnd } from './ask-to-end.js';
import { interruptedMeans } from './interrupted-means.js';

export interface DestroyOptions extends ProviderOptions {
  cluster?: string | undefined;
  yes?: true | undefined;
  dryRun?: true | undefined;
  json?: true | undefined;
}

/**
 * `launch destroy`: prints what was removed. Nothing there is no error, and half a cluster goes like a whole one.
 *
 * @throws KilnError USAGE without --yes where nobody can be asked; LAUNCH_REFUSED for a cluster of another state folder; LAUNCH_FAILED when something stays.
 */
export async function runDestroy(options: DestroyOptions): Promise<void> {
  const name = parseClusterName(options.cluster);
  const { provider, config } = await chooseProvider(options);
  if (provider === 'aws') {
    const { runDestroyOnAws } = await import('./aws/destroy.js');
    return await runDestroyOnAws(name, options, config.aws);
  }
  await destroyLocally(name, options);
}

async function destroyLocally(name: string, options: DestroyOptions): Promise<void> {
  const there = await listLeftovers(name);
  if (there.length === 0) {
    return printResult(
      { cluster: name, removed: [] },
      `There is nothing of a cluster ${name} here.`,
      options,
    );
  }
  await refuseForeign(name);
  if (options.dryRun !== true) {
    requireRoot(`Cluster ${name} has processes and a network that only root can end`);
    if (options.yes !== true) await askToEnd(name, summarize(there));
  }
  await withSession(options, async (session) => {
    if (options.dryRun === true) return await destroy(session, name, options);
    await withClusterLock(name, () => destroy(session, name, options));
  }).catch(interruptedMeans('some of the cluster is still there', 'The same command removes the rest.'));
}

/** Networks are named after clusters on the whole machine, clusters within a state folder. */
async function refuseForeign(name: string): Promise<void> {
  const other = await folderElsewhere(name, clusterFiles(name).folder);
  if (other === undefined) return;
  throw new KilnError('LAUNCH_REFUSED', `The cluster ${name} that runs on this machine is that of ${other}`, {
    hint: 'Destroy it with that state folder ($XDG_STATE_HOME), or as the user it belongs to.',
  });
}

/** A machine is a dozen processes, which would hide what else there is. */
function summarize(things: readonly string[]): string[] {
  const processes = things.filter((thing) => thing.startsWith('process '));
  const rest = things.filter((thing) => !thing.startsWith('process '));
  const names = processes.map((thing) => /\((.+)\)$/.exec(thing)?.[1]).filter((name) => name !== undefined);
  if (processes.length === 0) return rest;
  return [`${processes.length} processes (${[...new Set(names)].sort().join(', ')})`, ...rest];
}

async function destroy({ gate, progress }: Session, name: string, options: DestroyOptions): Promise<void> {
  progress.step(`Removing cluster ${name}`);
  const { folder } = clusterFiles(name);
  const { removed, leftovers } = await destroyCluster({ gate, progress, folder, name });
  progress.end();
  if (gate.dryRun) return printResult({ actions: gate.actions }, formatActions(gate.actions), options);
  printResult({ cluster: name, removed, leftovers }, summarize(removed).join('\n'), options);
  if (leftovers.length === 0) return;
  throw new KilnError('LAUNCH_FAILED', `Not removed: ${leftovers.join(', ')}`, {
    hint: 'Run the same command again; what cannot be removed then is held by something kiln did not start.',
  });
}
