import test from 'ava';
import { destroyOnAws } from '../../../src/providers/aws/destroy-on-aws.js';
import { account, options } from './account-to-destroy.js';
import { type Answers, awsError, demoTags } from './recorder.js';

test('what is shown and gone already counts as gone', async (t) => {
  const world = account();
  const { 'ec2:DescribeLaunchTemplates': _, ...rest } = world.answers;
  let looks = 0;
  const { options: given } = options(
    {
      ...rest,
      // Shown for a while after somebody else deleted it.
      'ec2:DescribeLaunchTemplates': () => ({
        LaunchTemplates: ++looks < 8 ? [{ LaunchTemplateId: 'lt-gone', Tags: demoTags('master') }] : [],
      }),
    },
    world.tick,
  );
  const { left, removed } = await destroyOnAws(given);
  t.deepEqual(left, []);
  t.true(removed.some(({ id }) => id === 'lt-gone'));
});

test('one that cannot be ended does not hold up the others, and is told with AWS’s reason', async (t) => {
  const world = account();
  const end = world.answers['ec2:TerminateInstances'];
  const { options: given, calls } = options(
    {
      ...world.answers,
      'ec2:TerminateInstances': (input) => {
        if (input.InstanceIds?.includes('i-2') === true)
          throw awsError('OperationNotPermitted', 'The instance i-2 may not be terminated');
        return end?.(input) ?? {};
      },
    },
    world.tick,
  );
  const { removed, left } = await destroyOnAws(given);
  t.deepEqual(
    left.filter(({ kind }) => kind === 'instance').map(({ id, reason }) => [id, reason]),
    [['i-2', 'The instance i-2 may not be terminated']],
  );
  t.deepEqual(
    removed.map(({ id }) => id),
    ['kiln-demo-minion', 'i-1', 'i-3'],
  );
  t.is(world.templates.size, 2, 'what a node may need stays with it');
  t.is(calls.filter(({ name }) => name === 'ec2:TerminateInstances').length, 3, 'and is not asked again');
});

test('what is in use is tried again, and not for ever', async (t) => {
  const world = account();
  const remove = world.answers['ec2:DeleteVolume'];
  let tries = 0;
  const busy = (times: number): Answers => ({
    ...world.answers,
    'ec2:DeleteVolume': (input) => {
      if (++tries <= times) throw awsError('VolumeInUse', 'it is attached');
      return remove?.(input) ?? {};
    },
  });
  t.deepEqual((await destroyOnAws(options(busy(3), world.tick).options)).left, []);
  t.is(tries, 4);
  world.volumes.set('vol-1', 'available');
  const { left } = await destroyOnAws(options(busy(Number.POSITIVE_INFINITY), world.tick).options);
  t.deepEqual(
    left.map(({ id, reason }) => [id, reason]),
    [['vol-1', 'it is attached']],
  );
  t.true(tries > 100 && tries < 200, `${tries} tries in ten minutes`);
});

test('a node that never ends is said to be there, after ten minutes', async (t) => {
  const world = account();
  const { options: given } = options(world.answers, () => {});
  const { left } = await destroyOnAws(given);
  t.true(
    left.some(({ id, reason }) => id === 'i-1' && reason === 'still shutting-down after it was asked to go'),
  );
});

test('permission that is missing for one kind leaves that kind only', async (t) => {
  const world = account();
  const { options: given } = options(
    {
      ...world.answers,
      'ec2:DeleteVolume': () => {
        throw awsError('UnauthorizedOperation', 'You are not authorized');
      },
    },
    world.tick,
  );
  const { left } = await destroyOnAws(given);
  t.deepEqual(
    left.map(({ id }) => id),
    ['vol-1'],
  );
});

test('what is refused without a known reason is tried a few times; an outage does not ask for each node', async (t) => {
  const world = account();
  let tries = 0;
  const template: Answers = {
    ...world.answers,
    'ec2:DeleteLaunchTemplate': () => {
      tries += 1;
      throw awsError('InternalError', 'An internal error has occurred');
    },
  };
  const { left } = await destroyOnAws(options(template, world.tick).options);
  t.deepEqual(
    left.map(({ id, reason }) => [id, reason]),
    [
      ['lt-1', 'An internal error has occurred'],
      ['lt-2', 'An internal error has occurred'],
    ],
  );
  t.is(tries, 10);
  const other = account();
  const end = other.answers['ec2:TerminateInstances'];
  let ends = 0;
  const outage: Answers = {
    ...other.answers,
    'ec2:TerminateInstances': (input) => {
      if (++ends === 1) throw awsError('ECONNRESET', 'no answer');
      return end?.(input) ?? {};
    },
  };
  t.deepEqual((await destroyOnAws(options(outage, other.tick).options)).left, []);
  t.is(ends, 2);
});
