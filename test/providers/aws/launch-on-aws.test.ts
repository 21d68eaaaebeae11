import test, { type ExecutionContext } from 'ava';
import type { KilnError } from '../../../src/errors.js';
import { createGate } from '../../../src/gate/gate.js';
import { launchDemo, useFake, type Wanted } from './a-launch.js';
import { IDS, living } from './fake/furnish.js';
import type { FakeAws } from './fake/start-fake-aws.js';

/** What a launch refuses, chooses and reuses; what may go wrong on the way is in launch*.fake.test.ts. */
const changes = ({ calls }: FakeAws): string[] =>
  calls.map(({ action }) => action).filter((action) => !/:(Describe|Get)/.test(action));

async function refused(t: ExecutionContext, fake: FakeAws, wanted: Wanted): Promise<KilnError> {
  const error = await t.throwsAsync(launchDemo(wanted), { code: 'LAUNCH_REFUSED' });
  t.deepEqual(changes(fake), [], 'nothing was changed');
  return error as KilnError;
}

test.serial('everything that is wrong is told at once, before anything is changed', async (t) => {
  const fake = await useFake(t);
  fake.account.securityGroups.set('sg-0open000', {
    ...{ id: 'sg-0open000', name: 'open', vpc: IDS.vpc, tags: { KubernetesCluster: 'other' } },
    rules: [{ protocol: 'tcp', from: 22, to: 22, cidrs: ['0.0.0.0/0'] }],
  });
  const error = await refused(t, fake, {
    settings: {
      subnets: [IDS.subnets[0], 'subnet-0000000d'],
      securityGroups: [IDS.securityGroup, 'sg-0open000'],
      instanceProfile: 'nobody',
      instanceTypes: ['t4g.medium', 'q1.tiny'],
      volumeSizeGiB: 4,
      adminCidrs: ['0.0.0.0/0'],
    },
  });
  for (const says of [
    /no subnet subnet-0000000d in us-east-1/,
    /no instance profile nobody/,
    /for x86_64, which t4g\.medium is not/,
    /no instance type q1\.tiny/,
    /needs a disk of 8 GiB/,
    /admin CIDR 0\.0\.0\.0\/0/,
    /sg-0open000 is tagged for other/,
    /sg-0open000 lets 0\.0\.0\.0\/0 in, the whole internet, to port 22\/tcp/,
  ])
    t.regex(error.message, says);
});

test.serial('an AMI that is not there, in words', async (t) => {
  const fake = await useFake(t);
  const image = { ami: 'ami-0000000000000000f', arch: undefined, imageId: undefined };
  t.regex(
    (await refused(t, fake, { options: { image } })).message,
    /no AMI ami-0000000000000000f in us-east-1/,
  );
});

test.serial('settings that are missing, all of them', async (t) => {
  const fake = await useFake(t);
  const error = await refused(t, fake, { settings: { subnets: [], securityGroups: [] } });
  t.regex(error.message, /--subnet[\s\S]*--security-group/);
  t.deepEqual(fake.calls, []);
});

test.serial(
  '--force takes an AMI of another’s, and a group open to the world, with a warning each',
  async (t) => {
    const fake = await useFake(t);
    const image = fake.account.images.get(IDS.image);
    if (image !== undefined) image.tags = {};
    fake.account.securityGroups.get(IDS.securityGroup)?.rules.push({ protocol: '-1', cidrs6: ['::/0'] });
    const { hint } = await refused(t, fake, {});
    t.regex(hint ?? '', /--force/);
    const { warnings, failure } = await launchDemo({ options: { force: true } });
    t.is(failure, undefined);
    t.is(warnings.length, 2);
    t.is(living(fake.account).length, 3);
  },
);

test.serial(
  'without --image it is the newest of this account that kiln baked, for the types’ processor',
  async (t) => {
    const fake = await useFake(t);
    const [mine] = [...fake.account.images.values()];
    if (mine === undefined) return t.fail();
    const add = (id: string, more: Partial<typeof mine>) =>
      fake.account.images.set(id, { ...mine, id, ...more });
    add('ami-0000000000000001a', { created: '2026-11-21T00:00:00.000Z' });
    add('ami-0000000000000002b', { created: '2026-11-22T00:00:00.000Z', architecture: 'arm64' });
    add('ami-0000000000000003c', { created: '2026-11-23T00:00:00.000Z', tags: {} });
    add('ami-0000000000000004d', { created: '2026-11-24T00:00:00.000Z', owner: '999900001111' });
    add('ami-0000000000000005e', { created: '2026-11-25T00:00:00.000Z', state: 'pending' });
    const options = { image: { ami: undefined, arch: undefined, imageId: undefined } };
    t.is((await launchDemo({ options })).image, 'ami-0000000000000001a');
    const arm = await launchDemo({ options, roles: ['etcd'], settings: { instanceTypes: ['t4g.medium'] } });
    t.is(arm.image, 'ami-0000000000000002b');
    fake.account.images.clear();
    await t.throwsAsync(launchDemo({ options }), { message: /bake image --target aws/ });
  },
);

test.serial('+N adds to what is there, a total does not take away', async (t) => {
  const fake = await useFake(t);
  await launchDemo();
  const more = await launchDemo({ count: { more: 2 } });
  t.deepEqual(
    more.instances.map(({ name }) => name),
    [1, 2, 3, 4, 5].map((number) => `demo-master-${number}`),
  );
  t.is(more.launched.length, 2);
  const before = changes(fake).length;
  t.is((await launchDemo({ count: { total: 1 } })).instances.length, 5);
  t.is(changes(fake).length, before);
});

test.serial(
  'a template’s version is used again for the same nodes, and another made for others',
  async (t) => {
    const fake = await useFake(t);
    t.is((await launchDemo({ count: { total: 1 } })).template?.version, '1');
    t.is((await launchDemo({ count: { total: 2 } })).template?.version, '1');
    t.is((await launchDemo({ count: { total: 3 }, settings: { volumeSizeGiB: 30 } })).template?.version, '2');
    t.is((await launchDemo({ count: { total: 4 } })).template?.version, '1');
    t.is(fake.account.templates.size, 1);
  },
);

test.serial(
  'a group grows, in one call, and keeps nodes of the role that are outside of it in mind',
  async (t) => {
    const fake = await useFake(t);
    const minions = (total: number, shape?: 'instances') =>
      launchDemo({ roles: ['minion'], count: { total }, options: { shape } });
    await minions(2, 'instances');
    const grown = await minions(5);
    t.is(grown.group?.desired, 3);
    t.is(living(fake.account).length, 5);
    await minions(8);
    t.is(living(fake.account).length, 8);
    t.is(fake.count('autoscaling:UpdateAutoScalingGroup'), 1);
  },
);

test.serial('a group that is being deleted is waited for by the person, not by AWS', async (t) => {
  const fake = await useFake(t);
  await launchDemo({ roles: ['minion'] });
  const [group] = [...fake.account.groups.values()];
  if (group !== undefined) group.deleting = true;
  await t.throwsAsync(launchDemo({ roles: ['minion'], count: { total: 9 } }), {
    code: 'LAUNCH_REFUSED',
    message: /kiln-demo-minion is being deleted/,
  });
});

test.serial('a dry run asks AWS nothing at all', async (t) => {
  const fake = await useFake(t);
  const gate = createGate({ dryRun: true });
  const { instances, failure } = await launchDemo({ gate });
  t.deepEqual([instances, failure, fake.calls], [[], undefined, []]);
  t.is(gate.actions.length, 4);
});

test.serial('with --wait it ends when all run and pass their checks', async (t) => {
  const fake = await useFake(t);
  const { instances, failure } = await launchDemo({ options: { wait: true } });
  t.is(failure, undefined);
  t.deepEqual(
    instances.map(({ state }) => state),
    ['running', 'running', 'running'],
  );
  t.true(fake.count('ec2:DescribeInstanceStatus') > 0);
});

test.serial(
  'some of an earlier launch are shown, others not yet: nothing is launched too much',
  async (t) => {
    const fake = await useFake(t);
    await launchDemo();
    // The first is shown only when it has been looked for a few times more.
    const [first] = living(fake.account);
    if (first !== undefined) first.born = fake.account.describes + 1;
    const again = await launchDemo();
    t.is(again.instances.length, 3);
    t.is(living(fake.account).length, 3);
  },
);

test.serial('AWS that stops answering right after it launched: what was launched is counted', async (t) => {
  const fake = await useFake(t);
  fake.account.delays.instances = 1;
  // One look before the launch is answered, those after it are not.
  let looks = 0;
  const push = fake.calls.push.bind(fake.calls);
  fake.calls.push = (...calls) => {
    looks += calls.filter(({ action }) => action === 'ec2:DescribeInstances').length;
    if (looks === 2) fake.refuse('ec2:DescribeInstances', { code: 'AuthFailure', status: 401 }, 100);
    return push(...calls);
  };
  const { failure } = await launchDemo();
  t.regex(failure?.message ?? '', /^3 of 3 master nodes of demo are there: ec2:DescribeInstances: /);
  t.is(living(fake.account).length, 3);
});
