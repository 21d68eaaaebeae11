import test from 'ava';
import { launchDemo, useFake } from './a-launch.js';
import { living } from './fake/furnish.js';
import { checkAgain, checkTags, checkTold, RUN, tokens } from './launch-checks.js';
import { quickClock } from './quick-clock.js';

/** What AWS shows late, or remembers longer than it is there. */

test.serial('instances that AWS does not show yet are not launched twice', async (t) => {
  const fake = await useFake(t);
  fake.account.delays.instances = 1000;
  fake.account.delays.tags = 1000;
  const first = await launchDemo();
  t.is(living(fake.account).length, 3, first.failure?.message);
  // They come into view between two launches, or not: either way there are three.
  await launchDemo();
  t.is(living(fake.account).length, 3);
  fake.account.delays.instances = 0;
  fake.account.delays.tags = 0;
  await checkAgain(t, fake);
});

test.serial('instances that come into view late, and their tags later, are waited for', async (t) => {
  const fake = await useFake(t);
  fake.account.delays = { instances: 2, tags: 4, running: 1, terminated: 1 };
  const launched = await launchDemo();
  t.is(launched.failure, undefined, launched.failure?.message);
  t.is(launched.instances.length, 3);
  t.is(living(fake.account).length, 3);
});

test.serial('a token AWS knows with other parameters: looked again, and another one used', async (t) => {
  const fake = await useFake(t);
  fake.refuse(RUN, { code: 'IdempotentParameterMismatch' });
  const launched = await launchDemo();
  t.is(launched.failure, undefined, launched.failure?.message);
  t.is(living(fake.account).length, 3);
  const [refused, ...others] = tokens(fake);
  t.false(others.includes(refused ?? ''), 'the refused token is not sent again');
  checkTags(t, fake);
});

test.serial('a repeated call that gives instances long gone is not believed', async (t) => {
  const fake = await useFake(t);
  await launchDemo();
  // All end and are forgotten, tokens are not: the same launch would be given the same dead instances.
  fake.account.instances.forEach((each) => {
    each.launched = '2026-01-01T00:00:00.000Z';
    each.ended = { at: -10, code: 'Client.UserInitiatedShutdown', reason: 'gone' };
  });
  fake.account.volumes.clear();
  fake.account.interfaces.clear();
  const dead = new Map(fake.account.instances);
  fake.account.instances.clear();
  // Replays look them up.
  const get = fake.account.instances.get.bind(fake.account.instances);
  fake.account.instances.get = (id) => get(id) ?? dead.get(id);
  const again = await launchDemo();
  t.is(again.failure, undefined, again.failure?.message);
  t.is(living(fake.account).length, 3);
  t.true(again.instances.every(({ id }) => !dead.has(id)));
});

test.serial('a new instance profile is waited for', async (t) => {
  const fake = await useFake(t);
  const clock = quickClock();
  const launched = await launchDemo({ settings: { instanceProfile: 'new' }, clock });
  t.is(launched.failure, undefined, launched.failure?.message);
  t.is(living(fake.account).length, 3);
  t.true(clock.waited() >= 15_000);
});

test.serial(
  'a profile EC2 never gets to know: said so after minutes, and nothing is left untagged',
  async (t) => {
    const fake = await useFake(t);
    fake.account.profiles.set('new', { name: 'new', unknownToEc2: 10_000 });
    const clock = quickClock();
    const { failure } = await launchDemo({ settings: { instanceProfile: 'new' }, clock });
    checkTold(t, failure, /Invalid IAM Instance Profile name/);
    t.true(clock.waited() >= 180_000 && clock.waited() < 400_000);
    t.is(living(fake.account).length, 0);
    checkTags(t, fake);
  },
);
