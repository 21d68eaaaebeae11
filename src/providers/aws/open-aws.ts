import type { Gate } from '../../gate/gate.js';
import { type AwsApi, createAwsApi, type Transport } from './api.js';
import type { Clock } from './clock.js';

/** AWS in one region through the SDK, of which nothing is loaded before the first request: a dry run makes none. */
export function openAws({ gate, region, clock }: { gate: Gate; region: string; clock?: Clock }): AwsApi {
  let opened: Promise<Transport> | undefined;
  return createAwsApi({
    gate,
    region,
    async transport(name, input, signal) {
      opened ??= load(region, clock);
      return (await opened)(name, input, signal);
    },
  });
}

async function load(region: string, clock: Clock | undefined): Promise<Transport> {
  const { createTransport } = await import('./transport.js');
  return createTransport({ region, ...(clock === undefined ? {} : { clock }) });
}
