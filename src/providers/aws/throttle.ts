import type { CallName, Input, Output } from './calls.js';
import type { Clock } from './clock.js';
import { type BucketSize, createTokenBucket } from './token-bucket.js';

/**
 * Buckets of AWS that are smaller than what kiln might ask for: five requests at once, then two a second; a thousand
 * instances at once, then two a second. Source: EC2 API throttling, RunInstances' request and resource rates.
 * Requests arrive closer together than they are sent, so kiln keeps a little below.
 */
const RUN_REQUESTS: BucketSize = { burst: 4, perSecond: 1.8 };
const RUN_INSTANCES: BucketSize = { burst: 1000, perSecond: 2 };
/** Milliseconds a person does not wonder about. */
const SHORT_WAIT = 2_000;

/**
 * Waits until AWS will take this call without saying RequestLimitExceeded. Returns what is to be told of its answer,
 * `undefined` for a refusal: what was not launched is not counted.
 */
export type Throttle = <N extends CallName>(
  name: N,
  input: Input<N>,
  signal: AbortSignal,
) => Promise<(answer: Output<N> | undefined) => void>;

/**
 * The throttle of one account and region.
 *
 * @param onWait is told of waits a person would wonder about, before them.
 */
export function createThrottle(clock: Clock, onWait: (text: string) => void = () => {}): Throttle {
  const tell = (wait: number): void => {
    if (wait > SHORT_WAIT)
      onWait(`waiting ${Math.ceil(wait / 1000)} s: AWS takes no more launches until then`);
  };
  const requests = createTokenBucket(RUN_REQUESTS, clock, tell);
  const instances = createTokenBucket(RUN_INSTANCES, clock, tell);
  return async (name, input, signal) => {
    if (name !== 'ec2:RunInstances') return () => {};
    const { MaxCount = 1 } = input as Input<'ec2:RunInstances'>;
    await requests.take(1, signal);
    await instances.take(MaxCount, signal);
    return (answer) => {
      const { Instances = [] } = (answer ?? {}) as Partial<Output<'ec2:RunInstances'>>;
      instances.giveBack(MaxCount - Instances.length);
    };
  };
}
