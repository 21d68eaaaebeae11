import test, { type ExecutionContext } from 'ava';
import { createGate } from '../../../src/gate/gate.js';
import { describeCluster } from '../../../src/providers/aws/describe-cluster.js';
import { openAws } from '../../../src/providers/aws/open-aws.js';
import { destroyDemo, launchDemo, useEnvironment, useFake } from './a-launch.js';
import { everything, living } from './fake/furnish.js';
import { type FakeAws, startFakeAws } from './fake/start-fake-aws.js';
import { placeForeign } from './foreign-things.js';
import { foundCluster } from './found-cluster.js';
import { TAGS } from './launch-checks.js';
import { quickClock } from './quick-clock.js';

/** A destroy through the real SDK against a strict fake: what the names of AWS's errors become, and what is somebody else's. */
async function useCluster(t: ExecutionContext): Promise<FakeAws> {
  const fake = await startFakeAws(t);
  await foundCluster(fake, 'demo');
  useEnvironment(t, fake.env);
  fake.calls.length = 0;
  return fake;
}

test.serial(
  'a group that may not be deleted is told at once, and so are its nodes, with AWS’s reason',
  async (t) => {
    const fake = await useCluster(t);
    const message = 'User: arn:aws:iam::111122223333:user/demo is not authorized';
    fake.refuse('autoscaling:DeleteAutoScalingGroup', { code: 'AccessDenied', message, status: 403 }, 99);
    const clock = quickClock();
    const { left, removed } = await destroyDemo({ clock });
    t.true(clock.waited() < 60_000, `waited ${clock.waited()} ms`);
    t.is(fake.count('autoscaling:DeleteAutoScalingGroup'), 1);
    t.deepEqual(
      left.map(({ kind }) => kind),
      ['group', 'instance', 'instance', 'template', 'template'],
    );
    const SAYS = {
      group: /is not authorized \(AccessDenied/,
      instance: /^its group kiln-demo-minion is still there: .* is not authorized \(AccessDenied/,
      template: /^left alone, since what may use it is still there$/,
    };
    for (const { kind, reason } of left) t.regex(reason, SAYS[kind as keyof typeof SAYS], kind);
    t.is(removed.length, 3, 'the masters are ended all the same');
    t.is(living(fake.account).length, 2);
  },
);

test.serial('a group that is busy is asked again for as long as it is', async (t) => {
  const fake = await useCluster(t);
  for (const code of ['ResourceInUse', 'ScalingActivityInProgress'])
    fake.refuse('autoscaling:DeleteAutoScalingGroup', { code, message: 'Not now.' }, 6);
  const { left } = await destroyDemo();
  t.deepEqual(left, []);
  t.is(fake.count('autoscaling:DeleteAutoScalingGroup'), 13);
  t.deepEqual(everything(fake.account), []);
});

for (const filters of ['that filters', 'that ignores filters'])
  test.serial(`takes nothing that is another cluster’s, or not kiln’s, from an AWS ${filters}`, async (t) => {
    const fake = await useCluster(t);
    const foreign = placeForeign(fake.account);
    if (filters === 'that ignores filters') fake.ignoreFilters();
    const { left, removed } = await destroyDemo();
    t.deepEqual(left, []);
    t.is(removed.length, 8);
    t.deepEqual(everything(fake.account).sort(), foreign.sort());
  });

test.serial('of whatever is left of a cluster, it knows the account', async (t) => {
  const fake = await useCluster(t);
  const { account } = fake;
  const look = async () =>
    (await describeCluster(openAws({ gate: createGate({}), region: account.region }), 'demo')).account;
  t.is(await look(), account.id);
  // Or it would launch others.
  for (const group of account.groups.values()) Object.assign(group, { min: 0, desired: 0 });
  account.instances.clear();
  t.is(await look(), account.id, 'interfaces');
  account.interfaces.clear();
  t.is(await look(), account.id, 'volumes');
  account.volumes.clear();
  t.is(await look(), account.id, 'groups');
  account.groups.clear();
  t.is(await look(), account.id, 'templates');
  account.templates.clear();
  t.is(await look(), undefined);
});

test.serial('destroy goes on after it was cut off, and through what is still in use', async (t) => {
  const fake = await useFake(t);
  await launchDemo();
  await launchDemo({ roles: ['minion'], count: { total: 4 } });
  t.is(living(fake.account).length, 7);
  const controller = new AbortController();
  fake.breakAfter('ec2:TerminateInstances', 1, () =>
    controller.abort(new Error('the person pressed Ctrl-C')),
  );
  await t.throwsAsync(destroyDemo({ gate: createGate({ signal: controller.signal }) }));
  // A disk left over from elsewhere, tagged as the cluster's; and AWS throttles.
  fake.account.volumes.set('vol-0a', {
    ...{ id: 'vol-0a', instance: undefined, device: '/dev/xvda', sizeGiB: 20, type: 'gp3' },
    ...{ encrypted: true, kmsKeyId: undefined, deleteOnTermination: true, tags: { ...TAGS, Role: 'master' } },
  });
  fake.refuse('ec2:DeleteVolume', { code: 'VolumeInUse' });
  fake.refuse('ec2:DescribeVolumes', { code: 'RequestLimitExceeded', status: 503 });
  const { left } = await destroyDemo();
  t.deepEqual(left, []);
  t.deepEqual(everything(fake.account), []);
});
