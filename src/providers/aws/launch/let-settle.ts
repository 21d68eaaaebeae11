import { describeCluster } from '../describe-cluster.js';
import type { AwsCluster } from '../types.js';
import type { LaunchContext } from './context.js';
import { allOf, nodesOf } from './node-count.js';

/** Milliseconds after a launch in which AWS may not show all of it; mostly it takes seconds. */
const YOUNG = 300_000;
const PAUSE = 8_000;
/** Milliseconds until it is taken as it is. */
const PATIENCE = 120_000;

/**
 * The cluster as it is once AWS shows all of it: where nodes of these roles came up minutes ago, a launch that was cut short
 * may have started more than are shown, and to launch those again would be one too many. So it is looked at until two looks
 * show the same.
 */
export async function letSettle(
  { api, progress, clock, signal }: LaunchContext,
  cluster: AwsCluster,
  { roles, now }: { roles: readonly string[]; now: number },
): Promise<AwsCluster> {
  const young = nodesOf(cluster, roles).some(({ launched }) => Math.abs(now - Date.parse(launched)) < YOUNG);
  if (!young) return cluster;
  const started = clock.now();
  for (let last = cluster; ; ) {
    progress.note('nodes were launched minutes ago: looking whether there are more');
    await clock.sleep(PAUSE, signal);
    const look = await describeCluster(api, cluster.name);
    if (shows(look, roles) === shows(last, roles) || clock.now() - started >= PATIENCE) return look;
    last = look;
  }
}

function shows(cluster: AwsCluster, roles: readonly string[]): string {
  return allOf(cluster, roles)
    .map(({ id }) => id)
    .sort()
    .join();
}
