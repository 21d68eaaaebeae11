import test from 'ava';
import { createThrottle } from '../../../src/providers/aws/throttle.js';
import { createTokenBucket } from '../../../src/providers/aws/token-bucket.js';
import { quickClock } from './quick-clock.js';

const { signal } = new AbortController();

test('a burst at once, then at the rate', async (t) => {
  const clock = quickClock();
  const { take } = createTokenBucket({ burst: 5, perSecond: 2 }, clock);
  for (let call = 0; call < 5; call += 1) await take(1, signal);
  t.is(clock.waited(), 0);
  for (let call = 0; call < 4; call += 1) await take(1, signal);
  t.is(clock.waited(), 2000);
});

test('time fills it up again, and not over its size', async (t) => {
  const clock = quickClock();
  const { take } = createTokenBucket({ burst: 2, perSecond: 1 }, clock);
  await take(2, signal);
  await clock.sleep(60_000, signal);
  await take(2, signal);
  t.is(clock.waited(), 60_000);
  await take(1, signal);
  t.is(clock.waited(), 61_000);
});

test('who comes at once waits one behind the other', async (t) => {
  const waits: number[] = [];
  const { take } = createTokenBucket(
    { burst: 1, perSecond: 1 },
    { now: () => 0, sleep: async (milliseconds) => void waits.push(milliseconds) },
  );
  await Promise.all([1, 2, 3].map(() => take(1, signal)));
  t.deepEqual(waits, [1000, 2000]);
});

test('RunInstances is held to both of its rates, other calls to none', async (t) => {
  const clock = quickClock();
  const throttle = createThrottle(clock);
  for (let call = 0; call < 100; call += 1) await throttle('ec2:DescribeInstances', {}, signal);
  for (let call = 0; call < 10; call += 1)
    await throttle('ec2:RunInstances', { MinCount: 100, MaxCount: 100 }, signal);
  // Never more than AWS takes: five at once, two a second.
  t.true(clock.waited() >= 2500 && clock.waited() < 4000, String(clock.waited()));
  await throttle('ec2:RunInstances', { MinCount: 100, MaxCount: 100 }, signal);
  // The thousand and first instance: two a second, less what was added meanwhile.
  t.true(clock.waited() > 45_000 && clock.waited() < 55_000, String(clock.waited()));
});

test('what was not used is put back, and no more than fits', async (t) => {
  const clock = quickClock();
  const waits: number[] = [];
  const { take, giveBack } = createTokenBucket({ burst: 10, perSecond: 1 }, clock, (wait) =>
    waits.push(wait),
  );
  await take(10, signal);
  giveBack(7);
  await take(7, signal);
  t.is(clock.waited(), 0);
  giveBack(100);
  await take(10, signal);
  t.is(clock.waited(), 0);
  await take(3, signal);
  t.deepEqual(waits, [3000]);
});

test('launches that are refused cost nothing, those that launch some cost those', async (t) => {
  const clock = quickClock();
  const throttle = createThrottle(clock);
  const hundred = { MinCount: 1, MaxCount: 100 };
  for (let call = 0; call < 30; call += 1) (await throttle('ec2:RunInstances', hundred, signal))(undefined);
  // The rate of requests is another matter.
  t.true(clock.waited() < 17_000, String(clock.waited()));
  const some = { $metadata: {}, Instances: Array.from({ length: 10 }, () => ({})) };
  for (let call = 0; call < 30; call += 1) (await throttle('ec2:RunInstances', hundred, signal))(some);
  t.true(clock.waited() < 34_000, String(clock.waited()));
});

test('a wait of more than moments is told before it, once', async (t) => {
  const clock = quickClock();
  const said: [string, number][] = [];
  const throttle = createThrottle(clock, (text) => said.push([text, clock.waited()]));
  for (let call = 0; call < 8; call += 1)
    await throttle('ec2:RunInstances', { MinCount: 1, MaxCount: 1 }, signal);
  t.deepEqual(said, []);
  const before = clock.waited();
  await throttle('ec2:RunInstances', { MinCount: 1, MaxCount: 1100 }, signal);
  t.is(said.length, 1);
  t.regex(said[0]?.[0] ?? '', /^waiting \d+ s: /);
  t.true((said[0]?.[1] ?? 0) < before + 1000);
});

test('an interrupt ends the wait', async (t) => {
  const { realClock } = await import('../../../src/providers/aws/clock.js');
  const controller = new AbortController();
  const { take } = createTokenBucket({ burst: 1, perSecond: 0.01 }, realClock);
  await take(1, controller.signal);
  const waiting = take(1, controller.signal);
  controller.abort(new Error('stop'));
  await t.throwsAsync(waiting, { message: 'stop' });
});
