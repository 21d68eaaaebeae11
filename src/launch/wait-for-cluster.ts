import { setTimeout as sleep } from 'node:timers/promises';
import { KilnError } from '../errors.js';
import type { Progress } from '../progress.js';
import { type ClusterStatus, type MachineProbe, readStatus } from './read-status.js';
import type { Cluster, ClusterNode } from './types.js';
import { whatIsMissing } from './what-is-missing.js';

/** Between two looks, in milliseconds. */
const INTERVAL = 2_000;
/** How long nodes may take, in milliseconds: five times what an emulated processor on a busy machine took. */
const LIMIT = 30 * 60_000;
/**
 * Every so many looks (some five minutes) all nodes are logged in to, which costs an emulated one seconds, for units that failed: what is
 * waited for may wait for one elsewhere.
 */
const LOOKS_PER_LOGIN = 150;

/**
 * Waits until the API answers and these nodes are Ready (etcd nodes: their member healthy), telling what is waited for.
 *
 * @throws KilnError LAUNCH_FAILED when a machine ended or time is up, with what is missing and where to look.
 */
export async function waitForCluster({
  cluster,
  names,
  since,
  probe,
  progress,
  signal,
  limit = LIMIT,
}: {
  cluster: Cluster;
  names: readonly string[];
  /** When those that were started just now were, in milliseconds since 1970. */
  since: ReadonlyMap<string, number>;
  probe: MachineProbe;
  progress: Progress;
  signal: AbortSignal;
  limit?: number;
}): Promise<ClusterStatus> {
  const end = Date.now() + limit;
  progress.step(`Waiting for ${names.join(', ')}`);
  let failed: string[] = [];
  for (let look = 1; ; look++) {
    const late = Date.now() > end;
    const everyNode = late || look % LOOKS_PER_LOGIN === 0;
    const logIn = ({ name, roles }: ClusterNode): boolean =>
      everyNode || (names.includes(name) && roles.includes('etcd'));
    const status = await readStatus({ cluster, probe, logIn });
    const missing = whatIsMissing(status, names, since);
    // Once more, with what was not waited for.
    if (missing.length === 0) return await readStatus({ cluster, probe });
    throwIfEnded(status, names);
    if (everyNode) failed = whatFailed(status);
    if (late) throw timeIsUp([...missing, ...failed], names);
    progress.note([...missing, ...failed].join('; '));
    await sleep(INTERVAL, undefined, { signal });
  }
}

function whatFailed({ nodes }: ClusterStatus): string[] {
  return nodes.flatMap(({ name, failedUnits }) =>
    (failedUnits ?? []).map((unit) => `${name}: ${unit} failed`),
  );
}

function throwIfEnded({ nodes, cluster }: ClusterStatus, names: readonly string[]): void {
  const ended = nodes.find(({ name, machine }) => names.includes(name) && machine.state !== 'running');
  if (ended === undefined) return;
  const { name, machine } = ended;
  const reason = machine.reason === null ? '' : `: ${machine.reason}`;
  throw new KilnError('LAUNCH_FAILED', `The machine of ${name} ended${reason}`, {
    hint: `\`launch logs ${name} --console --cluster ${cluster}\` shows its console; the same launch starts it again.`,
  });
}

function timeIsUp(missing: readonly string[], names: readonly string[]): KilnError {
  return new KilnError('LAUNCH_FAILED', `Not up in time:\n${missing.map((line) => `  ${line}`).join('\n')}`, {
    hint: `The nodes go on. \`launch status --watch\` shows whether they come, \`launch logs ${names[0] ?? 'NODE'}\` why not.`,
  });
}
