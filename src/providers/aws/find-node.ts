import { closestMatch } from 'leven';
import { KilnError } from '../../errors.js';
import { isLive } from './describe-cluster.js';
import type { AwsCluster, AwsInstance } from './types.js';

/**
 * The node a person means: by instance id, by name, or by name without the cluster's (`master-1`); one that ended only where no other has
 * the name.
 *
 * @throws KilnError UNKNOWN_NAME with the nearest name; USAGE where several share it, with their ids.
 */
export function findNode({ name: cluster, region, instances }: AwsCluster, word: string): AwsInstance {
  const named = instances.filter(
    ({ id, name }) => id === word || name === word || name === `${cluster}-${word}`,
  );
  const live = named.filter(isLive);
  // Of those that ended the last one is meant.
  const found = live.length > 0 ? live : named.toSorted(byLaunch).slice(-1);
  const [node] = found;
  if (node === undefined) throw unknown(cluster, region, instances, word);
  if (found.length === 1) return node;
  throw new KilnError('USAGE', `${found.length} nodes are called ${word}: say which by its id`, {
    hint: found.map(({ id, address }) => `${id} (${address ?? 'no address'})`).join(', '),
  });
}

function unknown(
  cluster: string,
  region: string,
  instances: readonly AwsInstance[],
  word: string,
): KilnError {
  if (instances.length === 0) {
    return new KilnError('UNKNOWN_NAME', `Cluster ${cluster} has no nodes in ${region}`, {
      hint: 'See `launch list --provider aws`; --cluster and --region look elsewhere.',
    });
  }
  const names = [...new Set(instances.flatMap(({ id, name }) => [name, id]))];
  const near = closestMatch(word, names, { maxDistance: 6 });
  return new KilnError(
    'UNKNOWN_NAME',
    `Cluster ${cluster} has no node ${JSON.stringify(word)} in ${region}${near === undefined ? '' : `; did you mean ${near}?`}`,
    { hint: 'See `launch status --provider aws`.' },
  );
}

function byLaunch(a: AwsInstance, b: AwsInstance): number {
  return a.launched.localeCompare(b.launched, 'en');
}
