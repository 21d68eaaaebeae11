import { KilnError } from '../../../../errors.js';
import { createGate } from '../../../../gate/gate.js';
import { describeCluster } from '../../../../providers/aws/describe-cluster.js';
import { type DestroyedOnAws, destroyOnAws } from '../../../../providers/aws/destroy-on-aws.js';
import { openAwsToLook } from '../../../../providers/aws/looking-api.js';
import { openAws } from '../../../../providers/aws/open-aws.js';
import { type Removal, removalStages } from '../../../../providers/aws/removals.js';
import { requireRegion } from '../../../../providers/aws/require-region.js';
import type { AwsConfig } from '../../../../spec/aws-config.js';
import { formatActions, formatTable, printResult } from '../../../print.js';
import { type Session, withSession } from '../../../session.js';
import { askToEnd } from '../ask-to-end.js';
import type { DestroyOptions } from '../destroy.js';
import { interruptedMeans } from '../interrupted-means.js';

/** More of one kind than these would push everything else off the screen. */
const MOST_ROWS = 20;

/**
 * `launch destroy` on AWS: shows what is tagged, asks, removes it and looks whether it is gone. A dry run looks too, and names the
 * calls.
 *
 * @throws KilnError USAGE, LAUNCH_FAILED when something stays; AwsError.
 */
export async function runDestroyOnAws(
  name: string,
  options: DestroyOptions,
  config: AwsConfig | undefined,
): Promise<void> {
  const region = requireRegion(options.region, config);
  const things = await lookFor(name, region);
  if (things.length === 0) {
    const result = { provider: 'aws', cluster: name, region, removed: [], left: [] };
    return printResult(result, `There is nothing of a cluster ${name} in ${region}.`, options);
  }
  const shown = formatThings(things);
  if (options.dryRun !== true) {
    if (options.yes !== true) await askToEnd(`${name} in ${region}`, shown);
    else
      process.stderr.write(
        `Cluster ${name} in ${region} ends:\n${shown.map((row) => `  ${row}\n`).join('')}`,
      );
  }
  await withSession(options, (session) => destroy(session, { name, region, things }, options)).catch(
    interruptedMeans('some of the cluster is still there', 'The same command removes the rest.'),
  );
}

async function lookFor(name: string, region: string): Promise<Removal[]> {
  return removalStages(await describeCluster(openAws({ gate: createGate({}), region }), name)).flat();
}

async function destroy(
  { gate, progress }: Session,
  { name, region, things }: { name: string; region: string; things: Removal[] },
  options: DestroyOptions,
): Promise<void> {
  progress.step(`Removing cluster ${name} from ${region}`);
  const api = openAwsToLook({ gate, region });
  const done = await destroyOnAws({ api, progress, name, signal: gate.signal });
  progress.end();
  const about = { provider: 'aws', cluster: name, region };
  if (gate.dryRun) {
    const text = [...formatThings(things), '', formatActions(gate.actions)].join('\n');
    return printResult({ ...about, things: things.map(toJson), actions: gate.actions }, text, options);
  }
  // The state it was in before is of no interest any more.
  const removed = done.removed.map(({ kind, id, what }) => ({ kind, id, what }));
  const text = formatThings(removed).join('\n');
  printResult({ ...about, removed, left: done.left.map(toJson) }, text, options);
  throwIfLeft(done, region);
}

function throwIfLeft({ left }: DestroyedOnAws, region: string): void {
  if (left.length === 0) return;
  const rows = left.map(({ kind, id, reason }) => `  ${kind} ${id}: ${reason}`);
  throw new KilnError('LAUNCH_FAILED', `Not removed from ${region}:\n${rows.join('\n')}`, {
    hint: 'Mend what is said there and run the same command again: it removes what is left.',
  });
}

function toJson({ leaving: _, ...thing }: Removal): Omit<Removal, 'leaving'> {
  return thing;
}

/** A row for each; of many of one kind the first, and how many more. */
function formatThings(
  things: readonly (Omit<Removal, 'state' | 'leaving'> & { state?: string })[],
): string[] {
  const kinds = [...new Set(things.map(({ kind }) => kind))];
  const rows = kinds.flatMap((kind) => {
    const same = things.filter((thing) => thing.kind === kind);
    const more = same.length - MOST_ROWS;
    const first = same.slice(0, MOST_ROWS).map(({ id, what, state = '' }) => [kind, id, what, state]);
    return more > 0 ? [...first, [kind, `… and ${more} more`]] : first;
  });
  return formatTable(rows).split('\n');
}
