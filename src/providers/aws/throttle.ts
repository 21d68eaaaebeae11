import type { CallName, Input } from './calls.js';
import type { Clock } from './clock.js';
import { type BucketSize, createTokenBucket } from './token-bucket.js';

/**
 * Buckets of AWS that are smaller than what kiln might ask for: five requests at once, then two a second; a thousand
 * instances at once, then two a second. Source: EC2 API throttling, RunInstances' request and resource rates.
 * Requests arrive closer together than they are sent, so kiln keeps a little below.
 */
const RUN_REQUESTS: BucketSize = { burst: 4, perSecond: 1.8 };
const RUN_INSTANCES: BucketSize = { burst: 1000, perSecond: 2 };

/** Waits until AWS will take this call without saying RequestLimitExceeded. */
export type Throttle = <N extends CallName>(name: N, input: Input<N>, signal: AbortSignal) => Promise<void>;

/** The throttle of one account and region. */
export function createThrottle(clock: Clock): Throttle {
  const requests = createTokenBucket(RUN_REQUESTS, clock);
  const instances = createTokenBucket(RUN_INSTANCES, clock);
  return async (name, input, signal) => {
    if (name !== 'ec2:RunInstances') return;
    const { MaxCount = 1 } = input as Input<'ec2:RunInstances'>;
    await requests(1, signal);
    await instances(MaxCount, signal);
  };
}
