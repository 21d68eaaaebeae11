import test from 'ava';
import { launchDemo, useFake } from './a-launch.js';
import { IDS, living } from './fake/furnish.js';
import { A, B, C, changes, checkAgain, checkTags, checkTold, launches, tokens } from './launch-checks.js';

/** A launch where not everything that was asked for is to be had. */

test.serial('no capacity in a subnet: the next one, and never the same call again', async (t) => {
  const fake = await useFake(t);
  fake.account.capacity.set(`${A} t3.medium`, 0);
  const launched = await launchDemo();
  t.is(launched.failure, undefined, launched.failure?.message);
  t.is(living(fake.account).length, 3);
  t.false(living(fake.account).some(({ subnet }) => subnet === A));
  t.is(new Set(tokens(fake)).size, launches(fake).length);
  t.is(launches(fake).filter(({ code }) => code === 'InsufficientInstanceCapacity').length, 1);
  checkTags(t, fake);
});

test.serial('no capacity for a type anywhere: the next type', async (t) => {
  const fake = await useFake(t);
  for (const subnet of IDS.subnets) fake.account.capacity.set(`${subnet} t3.medium`, 0);
  const launched = await launchDemo({ settings: { instanceTypes: ['t3.medium', 't3a.medium'] } });
  t.is(launched.failure, undefined, launched.failure?.message);
  t.deepEqual(
    living(fake.account).map(({ type }) => type),
    ['t3a.medium', 't3a.medium', 't3a.medium'],
  );
  t.is(new Set(tokens(fake)).size, launches(fake).length);
});

test.serial('no capacity at all: nothing launched, said so, and the next run goes on', async (t) => {
  const fake = await useFake(t);
  for (const subnet of IDS.subnets) fake.account.capacity.set(`${subnet} t3.medium`, 0);
  const { failure } = await launchDemo();
  checkTold(t, failure, /^0 of 3 master nodes of demo are there: /);
  t.regex(failure?.message ?? '', /sufficient t3.medium capacity/);
  t.regex(failure?.hint ?? '', /--subnet/);
  t.true(launches(fake).length <= 3, `${launches(fake).length} calls for what is not there`);
  checkTags(t, fake);
  fake.account.capacity.clear();
  await checkAgain(t, fake);
});

test.serial('partial capacity is kept, and told', async (t) => {
  const fake = await useFake(t);
  fake.account.capacity.set(`${A} t3.medium`, 7);
  fake.account.capacity.set(`${B} t3.medium`, 5);
  fake.account.capacity.set(`${C} t3.medium`, 0);
  const launched = await launchDemo({
    roles: ['minion'],
    count: { total: 30 },
    options: { shape: 'instances' },
  });
  t.is(living(fake.account).length, 12);
  t.is(launched.launched.length, 12);
  checkTold(t, launched.failure, /^12 of 30 minion nodes/);
  checkTags(t, fake);
  t.is(new Set(tokens(fake)).size, launches(fake).length);
});

test.serial('full subnets are refused before anything is changed, or passed over', async (t) => {
  const fake = await useFake(t);
  for (const subnet of fake.account.subnets.values()) subnet.free = 0;
  await t.throwsAsync(launchDemo(), { code: 'LAUNCH_REFUSED' });
  t.deepEqual(changes(fake), []);
  for (const subnet of fake.account.subnets.values()) subnet.free = subnet.id === C ? 3 : 0;
  await checkAgain(t, fake);
  t.true(living(fake.account).every(({ subnet }) => subnet === C));
});
