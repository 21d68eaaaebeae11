import test from 'ava';
import { launchDemo, useFake } from './a-launch.js';
import { IDS, living } from './fake/furnish.js';
import type { FakeAws } from './fake/start-fake-aws.js';
import { quickClock } from './quick-clock.js';

/** The same launch again, or another one for what is there: nothing comes twice, nothing is taken away, nothing changes unasked. */
const [A, B, C] = IDS.subnets;
const UPDATE = 'autoscaling:UpdateAutoScalingGroup';
const CHOSEN = { image: { ami: undefined, arch: undefined, imageId: undefined } };
const NEWER = 'ami-0000000000000001a';

const minions = (total: number, more: Parameters<typeof launchDemo>[0] = {}) =>
  launchDemo({ roles: ['minion'], count: { total }, ...more });
const updates = ({ calls }: FakeAws) =>
  calls.filter(({ action }) => action === UPDATE).map(({ parameters }) => parameters);

/** AWS does not show its groups this many times more. */
function hideGroups({ account }: FakeAws, looks: number): void {
  const { values } = account.groups;
  let left = looks;
  account.groups.values = function () {
    left -= 0.5;
    return left < 0 ? values.call(this) : new Map().values();
  };
}

/** The masters of a launch that was cut off before anybody knew, as long ago as that. */
function age({ account }: FakeAws, milliseconds: number): void {
  for (const each of account.instances.values())
    each.launched = new Date(Date.now() - milliseconds).toISOString();
}

function bakeNewer({ account }: FakeAws): void {
  const image = account.images.get(IDS.image);
  if (image !== undefined)
    account.images.set(NEWER, { ...image, id: NEWER, created: '2026-11-21T00:00:00.000Z' });
}

for (const nodesShown of [true, false])
  test.serial(
    `a group that AWS does not show, ${nodesShown ? 'with' : 'without'} its nodes, loses none`,
    async (t) => {
      const fake = await useFake(t);
      await minions(10);
      hideGroups(fake, 3);
      if (!nodesShown) fake.account.delays = { instances: 3, tags: 3, running: 1, terminated: 1 };
      for (const each of living(fake.account)) if (!nodesShown) each.born = fake.account.describes;
      const again = await minions(4);
      t.is(again.failure, undefined, again.failure?.message);
      t.is(again.group?.desired, 10);
      t.is(living(fake.account).length, 10);
      t.deepEqual(updates(fake), []);
    },
  );

test.serial('an autoscaler’s word stands: another template says nothing of the size', async (t) => {
  const fake = await useFake(t);
  await minions(4);
  await minions(4, { settings: { volumeSizeGiB: 30 } });
  const [update = {}] = updates(fake);
  t.is(update['LaunchTemplate.Version'], '2');
  t.false('DesiredCapacity' in update || 'MaxSize' in update || 'VPCZoneIdentifier' in update);
});

test.serial('other subnets are added to a group’s, never put in their place, and it is told', async (t) => {
  const fake = await useFake(t);
  await minions(4, { settings: { subnets: [A, B] } });
  const before = living(fake.account).map(({ id }) => id);
  const { warnings, group } = await minions(4, { settings: { subnets: [C] } });
  t.deepEqual(
    living(fake.account).map(({ id }) => id),
    before,
  );
  t.deepEqual(group?.subnets, [A, B, C]);
  t.regex(warnings.join('\n'), new RegExp(`launches into ${C} too`));
  t.regex(warnings.join('\n'), new RegExp(`keeps ${A}, ${B}, not given now`));
  // Their order is nothing.
  await minions(4, { settings: { subnets: [C, B, A] } });
  t.is(updates(fake).length, 1);
});

for (const shown of [0, 1, 2])
  test.serial(
    `a launch that was cut off minutes ago, of which master ${shown + 1} is shown alone: none comes twice`,
    async (t) => {
      const fake = await useFake(t);
      await launchDemo();
      // Longer ago than is waited for to settle.
      age(fake, 360_000);
      fake.account.delays = { instances: 2, tags: 2, running: 1, terminated: 1 };
      const nodes = living(fake.account);
      for (const [index, each] of nodes.entries())
        each.born = index === shown ? -10 : fake.account.describes + 4;
      const again = await launchDemo();
      t.is(again.failure, undefined, again.failure?.message);
      t.deepEqual(
        living(fake.account).map(({ tags }) => tags.Name),
        ['demo-master-1', 'demo-master-2', 'demo-master-3'],
      );
      t.is(again.instances.length, 3);
    },
  );

test.serial('nodes of one name, launched minutes ago: looked at until all of them are shown', async (t) => {
  const fake = await useFake(t);
  const thirty = () => minions(30, { options: { shape: 'instances' } });
  await thirty();
  age(fake, 60_000);
  // They come into view a few at each look.
  for (const [index, each] of living(fake.account).entries())
    each.born = fake.account.describes + Math.floor(index / 10);
  const again = await thirty();
  t.is(again.failure, undefined, again.failure?.message);
  t.is(living(fake.account).length, 30);
});

test.serial('a master replaced again and again within a day is launched all the same', async (t) => {
  const fake = await useFake(t);
  const dead = new Map<string, typeof node>();
  const { get } = fake.account.instances;
  fake.account.instances.get = function (id) {
    return get.call(this, id) ?? dead.get(id);
  };
  const one = () => launchDemo({ count: { total: 1 } });
  await one();
  let [node] = living(fake.account);
  for (let time = 0; time < 5; time += 1) {
    // It ended hours ago: AWS shows it no more, and remembers its token.
    if (node === undefined) return t.fail();
    node.launched = '2026-01-01T00:00:00.000Z';
    node.ended = { at: -10, code: 'Client.UserInitiatedShutdown', reason: 'gone' };
    dead.set(node.id, node);
    for (const things of [fake.account.volumes, fake.account.interfaces, fake.account.instances])
      things.clear();
    const clock = quickClock();
    const { failure } = await launchDemo({ count: { total: 1 }, clock });
    t.is(failure, undefined, failure?.message);
    t.is(living(fake.account).length, 1);
    t.true(clock.waited() < 10_000, `waited ${clock.waited()} ms for what is long gone`);
    [node] = living(fake.account);
  }
});

test.serial('without --image new nodes boot what the cluster runs, whatever was baked since', async (t) => {
  const fake = await useFake(t);
  await launchDemo({ options: CHOSEN });
  bakeNewer(fake);
  const more = await launchDemo({ count: { more: 1 }, options: CHOSEN });
  const others = await minions(2, { options: CHOSEN });
  t.deepEqual([more.image, others.image], [IDS.image, IDS.image]);
  t.deepEqual([...more.warnings, ...others.warnings], []);
  // A group is given another one only by who asks for it.
  await minions(2, { options: CHOSEN });
  t.deepEqual(updates(fake), []);
  const { warnings } = await minions(2, { options: { image: { ...CHOSEN.image, ami: NEWER } } });
  t.is(updates(fake).length, 1);
  t.regex(warnings.join('\n'), new RegExp(`New nodes boot ${NEWER}, those of before ${IDS.image}`));
  // Nor is what was asked for taken back, as long as its nodes are of before.
  await minions(2, { options: CHOSEN });
  t.is((await minions(3, { options: CHOSEN })).image, NEWER);
  t.is(fake.account.groups.get('kiln-demo-minion')?.template.version, '2');
});

test.serial('an account that may not be looked at is told as it is, with --image and without', async (t) => {
  const fake = await useFake(t);
  for (const options of [{}, CHOSEN]) {
    fake.refuse('ec2:DescribeInstances', { code: 'UnauthorizedOperation', status: 403 });
    await t.throwsAsync(minions(2, { options }), { code: 'AWS_FAILED', message: /^ec2:DescribeInstances: / });
  }
});

test.serial('where a cluster’s images differ, a group that has all its nodes is left alone', async (t) => {
  const fake = await useFake(t);
  await minions(2, { options: CHOSEN });
  bakeNewer(fake);
  const masters = await launchDemo({ options: { image: { ...CHOSEN.image, ami: NEWER } } });
  t.regex(masters.warnings.join('\n'), /New nodes boot/, 'other roles’ images count');
  const { warnings } = await minions(2, { options: CHOSEN });
  t.deepEqual(updates(fake), []);
  t.regex(warnings.join('\n'), /left as it is/);
  t.regex(warnings.join('\n'), /run different images/);
});

test.serial('an AMI of the cluster’s that is gone: the newest, and a warning', async (t) => {
  const fake = await useFake(t);
  await launchDemo({ options: CHOSEN });
  bakeNewer(fake);
  fake.account.images.delete(IDS.image);
  const more = await launchDemo({ count: { more: 1 }, options: CHOSEN });
  t.is(more.image, NEWER);
  t.regex(more.warnings.join('\n'), new RegExp(`New nodes boot ${NEWER}`));
});

test.serial('launches that find no room cost no time', async (t) => {
  const fake = await useFake(t);
  for (const subnet of [A, B]) fake.account.capacity.set(`${subnet} t3.medium`, 0);
  const clock = quickClock();
  const { failure } = await minions(1000, { options: { shape: 'instances' }, clock });
  t.is(failure, undefined, failure?.message);
  t.is(living(fake.account).length, 1000);
  t.true(clock.waited() < 20_000, `waited ${clock.waited()} ms`);
});

for (const roles of [['master'], ['minion']])
  test.serial(
    `an account whose instances may read their tags launches a ${roles} all the same`,
    async (t) => {
      const fake = await useFake(t);
      fake.account.metadataTags = 'enabled';
      const { failure } = await launchDemo({ roles });
      t.is(failure, undefined, failure?.message);
      t.is(living(fake.account).length, 3);
    },
  );
