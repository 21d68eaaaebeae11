import { describeCluster } from '../describe-cluster.js';
import type { AwsCluster } from '../types.js';
import type { LaunchContext } from './context.js';

/** Milliseconds AWS may need to show what it launched. */
const PATIENCE = 60_000;
const INTERVAL = 2_000;

/** The cluster once AWS shows all of these instances with their tags, or as it shows it after a minute. */
export async function awaitVisible(
  { api, progress, clock, signal }: LaunchContext,
  name: string,
  ids: readonly string[],
): Promise<AwsCluster> {
  const started = clock.now();
  for (;;) {
    const cluster = await describeCluster(api, name);
    const shown = new Set(cluster.instances.map(({ id }) => id));
    const hidden = api.dryRun ? [] : ids.filter((id) => !shown.has(id));
    if (hidden.length === 0 || clock.now() - started >= PATIENCE) return cluster;
    progress.note(`AWS does not show ${hidden.length} of them yet`);
    await clock.sleep(INTERVAL, signal);
  }
}
