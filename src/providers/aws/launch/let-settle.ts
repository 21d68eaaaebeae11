import { describeCluster } from '../describe-cluster.js';
import type { AwsCluster } from '../types.js';
import type { LaunchContext } from './context.js';
import { nodesOf } from './node-count.js';

/** Milliseconds in which AWS has been seen not to show what it launched. */
const YOUNG = 30_000;
const PAUSE = 8_000;

/**
 * The cluster as it is once AWS shows all of it: where nodes of these roles came up moments ago, a launch that was cut short
 * may have started more than are shown, and to launch those again would be one too many.
 */
export async function letSettle(
  { api, progress, clock, signal }: LaunchContext,
  cluster: AwsCluster,
  { roles, now }: { roles: readonly string[]; now: number },
): Promise<AwsCluster> {
  const young = nodesOf(cluster, roles).some(({ launched }) => Math.abs(now - Date.parse(launched)) < YOUNG);
  if (!young) return cluster;
  progress.note('nodes were launched moments ago: looking whether there are more');
  await clock.sleep(PAUSE, signal);
  return await describeCluster(api, cluster.name);
}
