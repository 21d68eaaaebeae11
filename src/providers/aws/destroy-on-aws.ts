import type { Progress } from '../../progress.js';
import type { AwsApi } from './api.js';
import { type Clock, realClock } from './clock.js';
import { describeCluster } from './describe-cluster.js';
import { type Removal, removalStages } from './removals.js';
import { type Refusal, removeThings } from './remove-things.js';

/** What a destroy did. */
export interface DestroyedOnAws {
  removed: Removal[];
  /** What is still there, and why. */
  left: (Removal & { reason: string })[];
}

/** Between two looks, in milliseconds: a second more each time, up to this. */
const INTERVAL = 5_000;
/** Without any change it gives up after this, in milliseconds. AWS ends a machine in a minute or two. */
const PATIENCE = 10 * 60_000;
/** Looks that find nothing before it is believed, and what passes before the last: what was launched just now is not shown at once. */
const EMPTY_LOOKS = 2;
const SETTLE = 8_000;
/** Tries of what AWS refuses without a reason kiln knows. */
const TRIES = 5;

/** What AWS said last of something that is to go, and how often it has said no. */
interface Refused extends Refusal {
  times: number;
}

/**
 * Removes everything kiln made for a cluster, stage by stage, and waits until AWS shows nothing of it any more. It goes by what is
 * there at each look, so it may be interrupted anywhere and done again. A dry run names the calls for what is there now.
 *
 * @throws AwsError when it cannot look; KilnError INTERRUPTED.
 */
export async function destroyOnAws({
  api,
  progress,
  name,
  signal,
  clock = realClock,
}: {
  api: AwsApi;
  progress: Progress;
  name: string;
  signal: AbortSignal;
  clock?: Clock;
}): Promise<DestroyedOnAws> {
  if (api.dryRun) return await nameAll(api, name);
  const seen = new Map<string, Removal>();
  const refusals = new Map<string, Refused>();
  const asked = new Set<string>();
  let before = '';
  let changed = clock.now();
  for (let look = 1, empty = 0; ; look++) {
    const stages = removalStages(await describeCluster(api, name));
    const things = stages.flat();
    for (const thing of things) if (!seen.has(thing.id)) seen.set(thing.id, thing);
    empty = things.length === 0 ? empty + 1 : 0;
    if (empty === EMPTY_LOOKS) return { removed: [...seen.values()], left: [] };

    const now = things.map(({ id, state }) => `${id} ${state}`).join('\n');
    if (now !== before) changed = clock.now();
    before = now;
    const stage = currentStage(stages, refusals);
    if (things.length > 0 && (stage === undefined || clock.now() - changed >= PATIENCE)) {
      return sumUp(seen, things, { asked, refusals });
    }
    tell(progress, things);
    const due = (stage ?? []).filter(isDue);
    for (const { id } of due) asked.add(id);
    const refused = await removeThings(api, name, due);
    for (const [id, refusal] of refused) {
      refusals.set(id, { ...refusal, times: (refusals.get(id)?.times ?? 0) + 1 });
    }
    await clock.sleep(empty > 0 ? SETTLE : Math.min(look * 1_000, INTERVAL), signal);
  }
}

/** The calls for everything there is, in order; what ends by itself needs none. */
async function nameAll(api: AwsApi, name: string): Promise<DestroyedOnAws> {
  for (const stage of removalStages(await describeCluster(api, name))) {
    await removeThings(api, name, stage.filter(isDue));
  }
  return { removed: [], left: [] };
}

function isDue({ leaving }: Removal): boolean {
  return !leaving;
}

/** What of the first stage that is not done can still be tried; `undefined`: nothing anywhere. */
function currentStage(
  stages: readonly (readonly Removal[])[],
  refusals: ReadonlyMap<string, Refused>,
): Removal[] | undefined {
  // Nothing ends the nodes of a group that stays.
  const open = stages.map((stage) =>
    stage.filter(({ id, group = id }) => !isGivenUp(refusals.get(id)) && !isGivenUp(refusals.get(group))),
  );
  // Nodes that stay keep what they use.
  const nodesStay = (stages[0]?.length ?? 0) > 0 && open[0]?.length === 0;
  return nodesStay ? undefined : open.find((stage) => stage.length > 0);
}

function isGivenUp(refused: Refused | undefined): boolean {
  if (refused === undefined || refused.again === 'whenever') return false;
  return refused.again === 'never' || refused.times >= TRIES;
}

function tell(progress: Progress, things: readonly Removal[]): void {
  const counts = new Map<string, number>();
  for (const { kind } of things) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const words = [...counts].map(([kind, count]) => `${count} ${kind}${count === 1 ? '' : 's'}`);
  progress.note(words.length === 0 ? 'looking once more' : `still there: ${words.join(', ')}`);
}

/** What was asked to go, and what AWS said no to. */
interface Tried {
  asked: ReadonlySet<string>;
  refusals: ReadonlyMap<string, Refused>;
}

function sumUp(seen: ReadonlyMap<string, Removal>, things: readonly Removal[], tried: Tried): DestroyedOnAws {
  const ids = new Set(things.map(({ id }) => id));
  const left = things.map((thing) => ({
    ...thing,
    reason: reasonOf(thing, tried),
  }));
  return { removed: [...seen.values()].filter(({ id }) => !ids.has(id)), left };
}

function reasonOf({ id, group, state, leaving }: Removal, { asked, refusals }: Tried): string {
  const refused = refusals.get(id)?.message;
  if (refused !== undefined) return refused;
  const ofGroup = group === undefined ? undefined : refusals.get(group)?.message;
  if (ofGroup !== undefined) return `its group ${group} is still there: ${ofGroup}`;
  if (!leaving && !asked.has(id)) return 'left alone, since what may use it is still there';
  return `still ${state} after it was asked to go`;
}
