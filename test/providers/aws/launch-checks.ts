import type { ExecutionContext } from 'ava';
import type { KilnError } from '../../../src/errors.js';
import type { AwsLaunched } from '../../../src/providers/aws/launch-on-aws.js';
import { launchDemo } from './a-launch.js';
import { IDS, living, withoutTags } from './fake/furnish.js';
import type { Call, FakeAws } from './fake/start-fake-aws.js';

export const TAGS = {
  KubernetesCluster: 'demo',
  'kubernetes.io/cluster/demo': 'owned',
  'managed-by': 'kiln',
};
export const [A, B, C] = IDS.subnets;
export const RUN = 'ec2:RunInstances';

export function launches({ calls }: FakeAws): Call[] {
  return calls.filter(({ action }) => action === RUN);
}

export function tokens(fake: FakeAws): string[] {
  return launches(fake).map(({ parameters }) => parameters.ClientToken ?? '');
}

/** The calls that change anything, in order. */
export function changes({ calls }: FakeAws): string[] {
  return calls.map(({ action }) => action).filter((action) => !/:(Describe|Get)/.test(action));
}

/** Whatever came of it, nothing is there without tags. */
export function checkTags(t: ExecutionContext, { account }: FakeAws): void {
  t.deepEqual(withoutTags(account, TAGS), []);
}

/** A failure that a person can act on. */
export function checkTold(t: ExecutionContext, failure: KilnError | undefined, message: RegExp): void {
  t.is(failure?.code, 'LAUNCH_FAILED');
  t.regex(failure?.message ?? '', message);
  t.regex(failure?.hint ?? '', /To go on: `launch --role .* --cluster demo --provider aws`/);
  t.regex(failure?.hint ?? '', /launch destroy --cluster demo/);
}

/** The same command again ends with all nodes there, none twice. */
export async function checkAgain(t: ExecutionContext, fake: FakeAws, launched = 3): Promise<AwsLaunched> {
  const again = await launchDemo();
  t.is(again.failure, undefined, again.failure?.message);
  t.is(living(fake.account).length, launched);
  checkTags(t, fake);
  return again;
}
