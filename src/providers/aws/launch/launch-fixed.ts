import type { KilnError } from '../../../errors.js';
import { AwsError } from '../api.js';
import { describeCluster } from '../describe-cluster.js';
import { TOKEN_MISMATCH } from '../error-codes.js';
import type { AwsCluster } from '../types.js';
import { awaitVisible } from './await-visible.js';
import { judgeLaunch, LONG_AGO } from './judge-launch.js';
import type { InstancesJob } from './launch-batch.js';
import { type InstancesOutcome, launchInstances } from './launch-instances.js';
import { allOf, freeNames, nodesOf } from './node-count.js';
import { shortfall, shortfallBy } from './shortfall.js';
import { sumUp } from './sum-up.js';
import { sharedName } from './template-data.js';

export type FixedJob = Omit<InstancesJob, 'cluster' | 'seen' | 'attempt' | 'calls'>;

interface FixedOutcome {
  cluster: AwsCluster;
  failure: KilnError | undefined;
}

/** Up to so many, every node has a call and a name of its own. */
const MOST_NAMED = 10;
/**
 * Times a launch begins anew because AWS gave it instances that are gone: it remembers tokens for a day after they ended,
 * and a node may have been replaced more than once in that time.
 */
const MOST_ATTEMPTS = 8;
/** Milliseconds for AWS to show what an earlier call with that token made. */
const MISMATCH_PAUSE = 10_000;

/**
 * Launches what is missing of so many instances, and looks that they came to be: AWS answers a repeated call with the
 * instances of the first, which may be long gone.
 */
export async function launchFixed(
  job: FixedJob,
  { cluster: known, target }: { cluster: AwsCluster; target: number },
): Promise<FixedOutcome> {
  const { context, roles } = job;
  let cluster = known;
  for (let attempt = 0; ; attempt += 1) {
    const outcome = await launchMissing(job, { cluster, target, attempt });
    if (context.api.dryRun) return { cluster, failure: undefined };
    const look = await lookAfter(job, cluster, outcome);
    if ('blind' in look)
      return { cluster, failure: blindFailure(job, { cluster, target, outcome }, look.blind) };
    cluster = look.cluster;
    const now = Date.now();
    const failure = await judgeLaunch({ api: context.api, roles, cluster, target, outcome, now });
    const there = nodesOf(cluster, roles).length;
    if (failure !== undefined || there >= target) return { cluster, failure };
    if (attempt + 1 === MOST_ATTEMPTS) {
      const short = { cluster: cluster.name, roles, target, there };
      return { cluster, failure: shortfall(short, 'AWS keeps giving instances that are gone') };
    }
  }
}

/** What was launched was launched, though nobody could be asked about it since. */
function blindFailure(
  { roles }: FixedJob,
  { cluster, target, outcome }: { cluster: AwsCluster; target: number; outcome: InstancesOutcome },
  error: AwsError,
): KilnError {
  const there = nodesOf(cluster, roles).length + outcome.started.length;
  return shortfallBy({ cluster: cluster.name, roles, target, there }, error);
}

async function launchMissing(
  job: FixedJob,
  { cluster, target, attempt }: { cluster: AwsCluster; target: number; attempt: number },
): Promise<InstancesOutcome> {
  const { roles } = job;
  const nodes = nodesOf(cluster, roles);
  const count = Math.max(0, target - nodes.length);
  const names =
    target <= MOST_NAMED
      ? freeNames(
          sharedName({ cluster: cluster.name, roles }),
          nodes.map(({ name }) => name),
          count,
        )
      : [];
  const seen = allOf(cluster, roles);
  return await launchInstances(
    { ...job, cluster: cluster.name, seen, attempt, calls: new Map() },
    { count, names, there: sumUp(nodes.map(({ subnet }) => subnet)) },
  );
}

/** What AWS shows now, and of what it showed before what it forgot since. */
async function lookAfter(
  { context }: FixedJob,
  before: AwsCluster,
  outcome: InstancesOutcome,
): Promise<{ cluster: AwsCluster } | { blind: AwsError }> {
  context.progress.note('looking whether they came to be');
  try {
    return { cluster: await look(context, before, outcome) };
  } catch (error) {
    if (error instanceof AwsError) return { blind: error };
    throw error;
  }
}

async function look(
  context: FixedJob['context'],
  before: AwsCluster,
  { started, error }: InstancesOutcome,
): Promise<AwsCluster> {
  const cluster = await awaitVisible(
    context,
    before.name,
    // What AWS launched long ago and does not show is gone, and not waited for.
    started.filter(({ time }) => Date.now() - time < LONG_AGO).map(({ id }) => id),
  );
  const now = error?.awsCode === TOKEN_MISMATCH ? await lookLater(context, before.name) : cluster;
  const shown = new Set(now.instances.map(({ id }) => id));
  const rest = [...cluster.instances, ...before.instances].filter(({ id }) => !shown.has(id));
  return { ...now, instances: [...now.instances, ...distinctById(rest)] };
}

async function lookLater({ api, clock, signal }: FixedJob['context'], name: string): Promise<AwsCluster> {
  await clock.sleep(MISMATCH_PAUSE, signal);
  return await describeCluster(api, name);
}

function distinctById<T extends { id: string }>(things: readonly T[]): T[] {
  return [...new Map(things.map((thing) => [thing.id, thing])).values()];
}
