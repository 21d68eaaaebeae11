import { AwsError } from '../api.js';
import {
  type BatchOutcome,
  type BatchWish,
  type InstancesJob,
  launchBatch,
  type Started,
} from './launch-batch.js';
import { type Batch, spreadInBatches, spreadSingly } from './spread.js';
import { sharedName } from './template-data.js';

/** Nodes to be launched, and where such nodes are already. */
export interface InstancesWish {
  count: number;
  /** One each, or none when they share one. */
  names: readonly string[];
  /** Nodes of these roles, by subnet. */
  there: ReadonlyMap<string | undefined, number>;
}

export interface InstancesOutcome {
  started: Started[];
  /** What AWS said where it had no capacity, each once. */
  shortages: string[];
  /** What ended the launch early, where something did. */
  error: AwsError | undefined;
}

interface State extends InstancesOutcome {
  missing: number;
  names: string[];
  there: Map<string | undefined, number>;
  /** Subnets without an address left. */
  full: Set<string | undefined>;
}

/**
 * Launches so many instances: spread over the subnets; what one subnet has no capacity for goes to the others, then to the
 * next type. Ends when all are launched, or nothing is left to be tried; what was launched stays.
 */
export async function launchInstances(job: InstancesJob, wish: InstancesWish): Promise<InstancesOutcome> {
  const state: State = {
    ...{ started: [], shortages: [], error: undefined, missing: wish.count, full: new Set() },
    names: [...wish.names],
    there: new Map(wish.there),
  };
  try {
    for (const type of job.settings.instanceTypes) await fillType(job, state, type);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    state.error = error;
  }
  return { started: state.started, shortages: [...new Set(state.shortages)], error: state.error };
}

async function fillType(job: InstancesJob, state: State, type: string): Promise<void> {
  const { subnets } = job.settings;
  // A dry run may not have been told any.
  const places = subnets.length === 0 ? [undefined] : subnets;
  const open = new Set<string | undefined>(places.filter((subnet) => !state.full.has(subnet)));
  // Each round launches something or closes a subnet.
  while (state.missing > 0 && open.size > 0) {
    for (const { subnet, count } of nextBatches(state, [...open])) {
      if (!open.has(subnet)) continue;
      const [name = sharedName(job)] = state.names;
      const batch = { subnet, count, type, name, named: state.names.length > 0 };
      const outcome = await launchBatch(job, batch);
      record(state, batch, outcome);
      const reach = outcome.exhausted?.reach;
      if (reach === 'type') return;
      if (reach !== undefined) open.delete(subnet);
      if (reach === 'subnet') state.full.add(subnet);
    }
  }
}

function nextBatches({ names, there, missing }: State, subnets: readonly (string | undefined)[]): Batch[] {
  const places = subnets.map((subnet) => ({ subnet, there: there.get(subnet) ?? 0 }));
  return names.length > 0 ? spreadSingly(missing, places) : spreadInBatches(missing, places);
}

function record(state: State, { subnet }: BatchWish, { got, started, exhausted }: BatchOutcome): void {
  state.missing -= got;
  state.started.push(...started);
  if (got > 0) state.names.shift();
  state.there.set(subnet, (state.there.get(subnet) ?? 0) + got);
  if (exhausted !== undefined) state.shortages.push(exhausted.reason);
}
