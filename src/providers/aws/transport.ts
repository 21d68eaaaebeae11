import type { Transport } from './api.js';
import type { CallName, Input, Output } from './calls.js';
import { type Clock, realClock } from './clock.js';
import { explainError } from './explain-error.js';
import { ATTEMPTS, isNetworkError, refuseVainRetries } from './retry-policy.js';
import { createThrottle } from './throttle.js';

/** What is left of an SDK client when only this file sees it. */
interface Client {
  config: { retryStrategy: () => Promise<object> };
  send(command: unknown, options: { abortSignal: AbortSignal }): Promise<unknown>;
}

type Commands = Readonly<Record<string, new (input: unknown) => unknown>>;
type Service = CallName extends `${infer S}:${string}` ? S : never;

/** A minute without an answer is no network worth waiting for. */
const ANSWER_TIMEOUT = 60_000;
const CONNECTION_TIMEOUT = 5_000;

export interface TransportOptions {
  region: string;
  clock?: Clock | undefined;
  /** Is told of waits a person would wonder about, before them. */
  onWait?: ((text: string) => void) | undefined;
  /** Milliseconds for each answer. */
  answerTimeout?: number;
}

/**
 * Requests to AWS through the SDK, which is loaded at the first: credentials, region and endpoints as everywhere (AWS_PROFILE,
 * AWS_ENDPOINT_URL_EC2, …), throttled before AWS has to say so, repeated where that may help.
 *
 * @throws AwsError from the transport, for everything AWS or the network says.
 */
export function createTransport({
  region,
  clock = realClock,
  onWait,
  answerTimeout = ANSWER_TIMEOUT,
}: TransportOptions): Transport {
  const throttle = createThrottle(clock, onWait);
  const services = new Map<string, Promise<{ client: Client; commands: Commands }>>();
  return async <N extends CallName>(name: N, input: Input<N>, signal: AbortSignal): Promise<Output<N>> => {
    const [service, action] = name.split(':') as [Service, string];
    const opened = services.get(service) ?? open(service, { region, answerTimeout });
    services.set(service, opened);
    const { client, commands } = await opened;
    const Command = commands[`${action}Command`];
    if (Command === undefined) throw new Error(`the SDK has no ${name}`);
    const account = await throttle(name, input, signal);
    try {
      const answer = (await client.send(new Command(input), { abortSignal: signal })) as Output<N>;
      account(answer);
      return answer;
    } catch (error) {
      signal.throwIfAborted();
      // Where nobody answered, it may have been done.
      if (!isNetworkError(error)) account(undefined);
      throw explainError(error, { call: name, region });
    }
  };
}

async function open(
  service: Service,
  { region, answerTimeout }: { region: string; answerTimeout: number },
): Promise<{ client: Client; commands: Commands }> {
  const config = {
    ...{ region, maxAttempts: ATTEMPTS, retryMode: 'adaptive' },
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT,
      requestTimeout: answerTimeout,
      // Otherwise it is no more than a line in a log.
      throwOnRequestTimeout: true,
    },
  };
  const { sdk, client } = await LOAD[service](config);
  refuseVainRetries((await client.config.retryStrategy()) as Parameters<typeof refuseVainRetries>[0]);
  return { client: client as unknown as Client, commands: sdk as unknown as Commands };
}

interface ClientConfig {
  region: string;
  maxAttempts: number;
  retryMode: string;
  requestHandler: { connectionTimeout: number; requestTimeout: number; throwOnRequestTimeout: boolean };
}

const LOAD = {
  async ec2(config: ClientConfig) {
    const sdk = await import('@aws-sdk/client-ec2');
    return { sdk, client: new sdk.EC2Client(config) };
  },
  async autoscaling(config: ClientConfig) {
    const sdk = await import('@aws-sdk/client-auto-scaling');
    return { sdk, client: new sdk.AutoScalingClient(config) };
  },
  async iam(config: ClientConfig) {
    const sdk = await import('@aws-sdk/client-iam');
    return { sdk, client: new sdk.IAMClient(config) };
  },
};
