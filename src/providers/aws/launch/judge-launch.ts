import type { KilnError } from '../../../errors.js';
import type { AwsApi } from '../api.js';
import { TOKEN_MISMATCH } from '../error-codes.js';
import type { AwsCluster } from '../types.js';
import { describeDead, endedByItself, isGone } from './dead-node.js';
import type { InstancesOutcome } from './launch-instances.js';
import { nodesOf } from './node-count.js';
import { shortfall, shortfallBy } from './shortfall.js';

interface Attempt {
  api: AwsApi;
  roles: readonly string[];
  /** As AWS shows it now. */
  cluster: AwsCluster;
  target: number;
  outcome: InstancesOutcome;
  /** Milliseconds since 1970. */
  now: number;
}

/** Milliseconds after which AWS shows an instance, or never will: it forgets those that ended an hour ago. */
export const LONG_AGO = 600_000;

/**
 * Why an attempt to launch failed in a way that another attempt would not mend; `undefined` when it did not, or when AWS
 * answered with instances of an earlier call that are gone.
 */
export async function judgeLaunch(attempt: Attempt): Promise<KilnError | undefined> {
  const { api, roles, cluster, target, outcome, now } = attempt;
  const { started, error, shortages } = outcome;
  const short = { cluster: cluster.name, roles, target, there: nodesOf(cluster, roles).length };
  const shown = new Map(cluster.instances.map((instance) => [instance.id, instance]));
  const mine = started.map(({ id }) => shown.get(id)).filter((instance) => instance !== undefined);
  const dead = mine.filter(endedByItself);
  if (dead.length > 0) {
    const nodes = dead.map(({ stateReason, ...node }) => ({ ...node, reason: stateReason }));
    return shortfall(short, await describeDead(api, nodes), {
      mend: 'An encryption key that may not be used from here ends instances like that, and so does a disk quota.',
    });
  }
  if (error !== undefined && error.awsCode !== TOKEN_MISMATCH) return shortfallBy(short, error);
  const hidden = started.filter(({ id }) => !shown.has(id));
  const late = hidden.filter(({ time }) => now - time < LONG_AGO);
  if (late.length > 0) {
    return shortfall(
      short,
      `AWS launched ${late.map(({ id }) => id).join(', ')} and does not show them yet`,
      {
        mend: 'Look again in a few minutes: `launch status`.',
      },
    );
  }
  const revived = error !== undefined || hidden.length > 0 || mine.some(isGone);
  if (revived || short.there >= target) return undefined;
  return shortfall(short, shortages.join('\n  ') || 'AWS gave fewer than asked for', {
    mend: 'Give more subnets (--subnet) or other types (--instance-type), or try again in some minutes.',
  });
}
