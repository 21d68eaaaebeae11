import { createGate, type Gate } from '../../gate/gate.js';
import type { AwsApi } from './api.js';
import { openAws } from './open-aws.js';

/**
 * AWS for a verb that cannot say what it would do without looking, as destroy: reads are made in a dry run too, and need
 * credentials; changes go through the gate as ever.
 */
export function openAwsToLook({ gate, region }: { gate: Gate; region: string }): AwsApi {
  const api = openAws({ gate, region });
  if (!gate.dryRun) return api;
  return { ...api, read: openAws({ gate: createGate({ signal: gate.signal }), region }).read };
}
