import type { Transport } from './api.js';
import type { CallName, Input, Output } from './calls.js';
import { type Clock, realClock } from './clock.js';
import { explainError } from './explain-error.js';
import { ATTEMPTS, refuseVainRetries } from './retry-policy.js';
import { createThrottle } from './throttle.js';

/** What is left of an SDK client when only this file sees it. */
interface Client {
  config: { retryStrategy: () => Promise<object> };
  send(command: unknown, options: { abortSignal: AbortSignal }): Promise<unknown>;
}

type Commands = Readonly<Record<string, new (input: unknown) => unknown>>;
type Service = CallName extends `${infer S}:${string}` ? S : never;

/** A minute without a connection or an answer is no network worth waiting for. */
const HTTP = { connectionTimeout: 5_000, requestTimeout: 60_000 } as const;

/**
 * Requests to AWS through the SDK, which is loaded at the first: credentials, region and endpoints as everywhere (AWS_PROFILE,
 * AWS_ENDPOINT_URL_EC2, …), throttled before AWS has to say so, repeated where that may help.
 *
 * @throws AwsError from the transport, for everything AWS or the network says.
 */
export function createTransport({ region, clock = realClock }: { region: string; clock?: Clock }): Transport {
  const throttle = createThrottle(clock);
  const services = new Map<string, Promise<{ client: Client; commands: Commands }>>();
  return async <N extends CallName>(name: N, input: Input<N>, signal: AbortSignal): Promise<Output<N>> => {
    const [service, action] = name.split(':') as [Service, string];
    const opened = services.get(service) ?? open(service, region);
    services.set(service, opened);
    const { client, commands } = await opened;
    const Command = commands[`${action}Command`];
    if (Command === undefined) throw new Error(`the SDK has no ${name}`);
    await throttle(name, input, signal);
    try {
      return (await client.send(new Command(input), { abortSignal: signal })) as Output<N>;
    } catch (error) {
      signal.throwIfAborted();
      throw explainError(error, { call: name, region });
    }
  };
}

async function open(service: Service, region: string): Promise<{ client: Client; commands: Commands }> {
  const config = { region, maxAttempts: ATTEMPTS, retryMode: 'adaptive', requestHandler: HTTP };
  const { sdk, client } = await LOAD[service](config);
  refuseVainRetries((await client.config.retryStrategy()) as Parameters<typeof refuseVainRetries>[0]);
  return { client: client as unknown as Client, commands: sdk as unknown as Commands };
}

interface ClientConfig {
  region: string;
  maxAttempts: number;
  retryMode: string;
  requestHandler: typeof HTTP;
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
