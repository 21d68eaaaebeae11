import type { Gate } from '../../gate/gate.js';
import { type AwsApi, createAwsApi, type Transport } from './api.js';
import type { TransportOptions } from './transport.js';

/** AWS in one region through the SDK, of which nothing is loaded before the first request: a dry run makes none. */
export function openAws({ gate, ...where }: { gate: Gate } & TransportOptions): AwsApi {
  let opened: Promise<Transport> | undefined;
  return createAwsApi({
    gate,
    region: where.region,
    async transport(name, input, signal) {
      opened ??= load(where);
      return (await opened)(name, input, signal);
    },
  });
}

async function load(options: TransportOptions): Promise<Transport> {
  const { createTransport } = await import('./transport.js');
  return createTransport(options);
}
