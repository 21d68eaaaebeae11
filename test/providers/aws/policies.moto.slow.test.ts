import test, { type ExecutionContext } from 'ava';
import { loadOs } from '../../../src/catalog/load-catalog.js';
import { createGate } from '../../../src/gate/gate.js';
import { AwsError } from '../../../src/providers/aws/api.js';
import { readAwsStatus } from '../../../src/providers/aws/cluster-status.js';
import { consoleOutput } from '../../../src/providers/aws/console-output.js';
import { describeCluster } from '../../../src/providers/aws/describe-cluster.js';
import { listAwsClusters } from '../../../src/providers/aws/list-clusters.js';
import { findNewestBase } from '../../../src/providers/aws/newest-base.js';
import { openAws } from '../../../src/providers/aws/open-aws.js';
import { destroyDemo, launchDemo, useEnvironment } from './a-launch.js';
import { type MotoAccount, startMotoAccount } from './moto-account.js';
import { makeMotoUser } from './moto-user.js';
import { actionsOf, readPolicy } from './policies.js';

/**
 * Every verb runs with the actions of its policy and no others, and is stopped by AWS (by moto, which refuses for real) when one of
 * those it uses is taken away. Resources and conditions moto cannot judge.
 */
const api = () => openAws({ gate: createGate({}), region: 'us-east-1' });

function launchAll(account: MotoAccount) {
  return async () => {
    const settings = { ...account.settings, instanceTypes: ['t3.medium'] };
    const options = { image: account.image };
    for (const wanted of [
      { count: { total: 1 }, settings },
      { count: { total: 2 }, settings: { ...settings, volumeSizeGiB: 30 } },
      { roles: ['minion'], count: { total: 1 }, settings },
      { roles: ['minion'], count: { total: 2 }, settings },
    ]) {
      const { failure } = await launchDemo({ ...wanted, options });
      if (failure !== undefined) throw failure.cause ?? failure;
    }
  };
}

const VERBS: { policy: string; verb: (account: MotoAccount) => () => Promise<unknown>; before?: 'launch' }[] =
  [
    { policy: 'launch', verb: launchAll },
    {
      policy: 'launch-status',
      before: 'launch',
      verb: () => async () => {
        await readAwsStatus(api(), 'demo');
        await listAwsClusters(api());
        const { instances } = await describeCluster(api(), 'demo');
        await consoleOutput(api(), instances[0]?.id ?? '');
      },
    },
    { policy: 'launch-destroy', before: 'launch', verb: () => () => destroyAll() },
    {
      policy: 'bake-update',
      verb: () => () => findNewestBase({ api: api(), os: loadOs('debian12'), arch: 'amd64' }),
    },
  ];

async function destroyAll(): Promise<void> {
  const { left } = await destroyDemo();
  if (left.length > 0) throw new Error(left.map(({ reason }) => reason).join('\n'));
}

for (const { policy, verb, before } of VERBS)
  test.serial(`${policy}.json is enough, and nothing in it can be missing`, async (t) => {
    t.timeout(600_000);
    const account = await startMotoAccount(t);
    useEnvironment(t, account.moto.env);
    const user = await makeMotoUser(account.moto);
    const allowed = actionsOf(readPolicy(policy));
    const run = verb(account);
    Object.assign(process.env, user.env);

    await start(before);
    await user.allow(allowed);
    const known = (await account.moto.requests()).length;
    await run();
    const used = new Set((await account.moto.requests()).slice(known).map(({ action }) => action));
    used.delete('iam:PutUserPolicy');
    t.deepEqual(
      [...used].filter((action) => !allowed.includes(action)),
      [],
    );
    t.log(`uses ${used.size} of ${allowed.length}`);
    for (const action of used) await checkStopped(t, action);

    async function start(what: 'launch' | undefined): Promise<void> {
      if (what === undefined) return;
      await user.allow(actionsOf(readPolicy('launch')));
      await launchAll(account)();
    }

    async function checkStopped(t: ExecutionContext, action: string): Promise<void> {
      await user.allow(actionsOf(readPolicy('launch-destroy')));
      await destroyAll();
      await start(before);
      await user.allow(allowed.filter((each) => each !== action));
      const error = await t.throwsAsync<Error>(run, undefined, `without ${action}`);
      const text = `${error?.message}`;
      t.regex(text, /UnauthorizedOperation|AccessDenied|not authorized/i, `without ${action}`);
      if (error instanceof AwsError) t.regex(error.hint ?? '', /policies\//, action);
    }
  });
