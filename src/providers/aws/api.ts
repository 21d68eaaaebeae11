import { type ErrorCode, KilnError } from '../../errors.js';
import type { Gate } from '../../gate/gate.js';
import type { CallName, ChangeName, Input, Output, ReadName } from './calls.js';

/** What sends one request to AWS; the real one is the SDK, with credentials, throttle and retries. */
export type Transport = <N extends CallName>(
  name: N,
  input: Input<N>,
  signal: AbortSignal,
) => Promise<Output<N>>;

/** AWS as the rest of kiln sees it. A dry run needs neither credentials nor network: it reads nothing and records every change. */
export interface AwsApi {
  readonly region: string;
  readonly dryRun: boolean;
  /** `undefined` in a dry run: nothing is known then. @throws AwsError */
  read<N extends ReadName>(name: N, input: Input<N>): Promise<Output<N> | undefined>;
  /** Through the gate, with its parameters; `undefined` in a dry run. @throws AwsError */
  change<N extends ChangeName>(name: N, input: Input<N>, reason: string): Promise<Output<N> | undefined>;
}

/** AWS said no (or nothing): `awsCode` is its own word for why, e.g. InsufficientInstanceCapacity. */
export class AwsError extends KilnError {
  readonly awsCode: string;

  constructor(
    message: string,
    options: { awsCode: string; hint?: string; cause?: unknown; code?: ErrorCode },
  ) {
    const { awsCode, code = 'AWS_FAILED', ...rest } = options;
    super(code, message, rest);
    this.awsCode = awsCode;
  }
}

/** AWS in one region, behind the gate. The SDK is loaded by the first request. */
export function createAwsApi({
  gate,
  region,
  transport,
}: {
  gate: Gate;
  region: string;
  transport: Transport;
}): AwsApi {
  return {
    region,
    dryRun: gate.dryRun,
    async read(name, input) {
      return gate.dryRun ? undefined : await transport(name, input, gate.signal);
    },
    async change(name, input, reason) {
      return await gate.perform({ verb: 'call', target: name, reason, parameters: input }, (signal) =>
        transport(name, input, signal),
      );
    },
  };
}
