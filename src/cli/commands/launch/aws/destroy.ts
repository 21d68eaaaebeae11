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
  const { account, things } = await lookFor(name, region);
  if (things.length === 0) {
    const result = { provider: 'aws', cluster: name, region, account, removed: [], left: [] };
    return printResult(result, `There is nothing of a cluster ${name} in ${region}.`, options);
  }
  const which = { name, region, account, things };
  if (options.dryRun !== true) await announce(which, options);
  await withSession(options, (session) => destroy(session, which, options)).catch(
    interruptedMeans('some of the cluster is still there', 'The same command removes the rest.'),
  );
}

interface Which {
  name: string;
  region: string;
  /** `null` where nothing that is left says whose it is. */
  account: string | null;
  things: Removal[];
}

async function lookFor(name: string, region: string): Promise<Pick<Which, 'account' | 'things'>> {
  const cluster = await describeCluster(openAws({ gate: createGate({}), region }), name);
  return { account: cluster.account ?? null, things: removalStages(cluster).flat() };
}

/** What goes, and whether it is meant: by the question, or by --yes. @throws KilnError USAGE, INTERRUPTED. */
async function announce(which: Which, options: DestroyOptions): Promise<void> {
  const shown = formatThings(which.things);
  if (options.yes !== true) return await askToEnd(placeOf(which), shown);
  process.stderr.write(`Cluster ${placeOf(which)} ends:\n${shown.map((row) => `  ${row}\n`).join('')}`);
}

/** The same name may be in use in several accounts and regions. */
function placeOf({ name, region, account }: Which): string {
  return `${name} in ${region}${account === null ? '' : ` of account ${account}`}`;
}

async function destroy({ gate, progress }: Session, which: Which, options: DestroyOptions): Promise<void> {
  const { name, region, account, things } = which;
  progress.step(`Removing cluster ${placeOf(which)}`);
  const api = openAwsToLook({ gate, region });
  const done = await destroyOnAws({ api, progress, name, signal: gate.signal });
  progress.end();
  const about = { provider: 'aws', cluster: name, region, account };
  if (gate.dryRun) {
    const heading = `Cluster ${placeOf(which)}:`;
    const text = [heading, ...formatThings(things), '', formatActions(gate.actions)].join('\n');
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
  const rows = [...Map.groupBy(left, ({ reason }) => reason).values()].flatMap(formatLeft);
  throw new KilnError('LAUNCH_FAILED', `Not removed from ${region}:\n${rows.join('\n')}`, {
    hint: 'Mend what is said there and run the same command again: it removes what is left.',
  });
}

/** Those of one reason, as the nodes of a group that stays: the first of them, and how many more. */
function formatLeft(left: DestroyedOnAws['left']): string[] {
  const rows = left.slice(0, MOST_ROWS).map(({ kind, id, reason }) => `  ${kind} ${id}: ${reason}`);
  const more = left.length - MOST_ROWS;
  return more > 0 ? [...rows, `  … and ${more} more for the same reason`] : rows;
}

function toJson({ leaving: _, group: __, ...thing }: Removal): Omit<Removal, 'leaving' | 'group'> {
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
