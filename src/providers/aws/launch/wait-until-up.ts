import type { KilnError } from '../../../errors.js';
import { type AwsNodeReport, type AwsStatus, readAwsStatus } from '../cluster-status.js';
import { rolesWord } from '../tags.js';
import type { LaunchContext } from './context.js';
import { describeDead, endedByItself } from './dead-node.js';
import { shortfall } from './shortfall.js';

interface Wish {
  cluster: string;
  roles: readonly string[];
  target: number;
  /** Instances of before the launch: what became of them is not its business. */
  before: ReadonlySet<string>;
}

/** Milliseconds between two looks. */
const INTERVAL = 10_000;
/** Milliseconds in which at least one more node must come up. */
const PATIENCE = 600_000;

/**
 * Waits until so many nodes run and pass AWS's checks, or are in service in their group. Returns why they do not, once one
 * ended by itself or none has come up for ten minutes.
 *
 * @throws AwsError
 */
export async function waitUntilUp(context: LaunchContext, wish: Wish): Promise<KilnError | undefined> {
  const { api, progress, clock, signal } = context;
  let most = 0;
  let since = clock.now();
  for (;;) {
    const look = lookAt(await readAwsStatus(api, wish.cluster), wish);
    if (look.up >= wish.target) return undefined;
    if (look.up > most) [most, since] = [look.up, clock.now()];
    progress.note(
      `${look.up} of ${wish.target} nodes are up${look.failure === undefined ? '' : `; ${look.failure}`}`,
    );
    if (look.dead.length > 0) return await failed(context, wish, look.up, look.dead, look.failure);
    if (clock.now() - since >= PATIENCE) return await failed(context, wish, look.up, look.late, look.failure);
    await clock.sleep(INTERVAL, signal);
  }
}

interface Look {
  up: number;
  /** New nodes that ended by themselves; a group's are replaced. */
  dead: AwsNodeReport[];
  /** Nodes that are there and not up. */
  late: AwsNodeReport[];
  /** The last thing a group could not do. */
  failure: string | undefined;
}

function lookAt(status: AwsStatus | undefined, { roles, before }: Wish): Look {
  const isOurs = (thing: { roles: readonly string[] }): boolean =>
    rolesWord(thing.roles) === rolesWord(roles);
  const nodes = status?.nodes.filter(isOurs) ?? [];
  const groups = status?.groups.filter(isOurs) ?? [];
  const fixed = nodes.filter(({ group }) => group === null);
  const inService = groups.reduce((sum, group) => sum + group.inService, 0);
  return {
    // A stopped one stays so until somebody starts it.
    up: fixed.filter((node) => isUp(node) || node.state === 'stopped').length + inService,
    dead: fixed.filter(
      ({ id, state, reason }) =>
        !before.has(id) && endedByItself({ state, stateReason: reason ?? undefined }),
    ),
    late: nodes.filter((node) => (node.state === 'pending' || node.state === 'running') && !isUp(node)),
    failure: groups.flatMap(({ failures }) => failures)[0]?.message,
  };
}

function isUp({ state, checks }: AwsNodeReport): boolean {
  return state === 'running' && checks === 'ok';
}

async function failed(
  { api, progress }: LaunchContext,
  { cluster, roles, target }: Wish,
  up: number,
  nodes: readonly AwsNodeReport[],
  failure: string | undefined,
): Promise<KilnError> {
  progress.note('reading the console of what did not come up');
  const described = nodes.map(({ id, name, state, checks, reason }) => ({
    ...{ id, name, state },
    reason: reason ?? (checks === null ? undefined : `its status checks are ${checks}`),
  }));
  const told = nodes.length === 0 && failure !== undefined ? failure : await describeDead(api, described);
  return shortfall({ cluster, roles, target, there: up }, told, {
    mend: failure === undefined ? undefined : `Auto Scaling says: ${failure}`,
  });
}
