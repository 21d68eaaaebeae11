import test from 'ava';
import { createGate } from '../../src/gate/gate.js';
import { createAsker } from '../../src/update/asker.js';
import { createPublisher } from './publisher.js';

const URL = 'https://example.test/stable.txt';

/** Asks the publisher's mirror and nothing else. */
function offlineAsker() {
  const publisher = createPublisher();
  return { publisher, asker: createAsker({ gate: createGate({}), mirror: publisher.mirror, offline: true }) };
}

test('an asker is unheard once it asked and nobody answered', async (t) => {
  const { asker } = offlineAsker();
  t.false(asker.isUnheard, 'nothing was asked');
  t.is(await asker.ask(URL, 'kubernetes'), undefined);
  t.true(asker.isUnheard);
  t.deepEqual(asker.unanswered, [
    { about: 'kubernetes', url: URL, reason: 'offline, and not in the mirror' },
  ]);
});

test('one answer is enough, whoever gave it', async (t) => {
  const { publisher, asker } = offlineAsker();
  asker.note({ about: 'base', url: 'ec2:DescribeImages', reason: 'offline' });
  t.true(asker.isUnheard);
  publisher.publish(URL, 'v1.35.9\n');
  t.is(await asker.ask(URL, 'kubernetes'), 'v1.35.9\n');
  t.false(asker.isUnheard);
  const other = offlineAsker().asker;
  await other.ask(URL, 'kubernetes');
  other.hear();
  t.false(other.isUnheard);
});

test('a dry run asks nobody, and is not unheard', async (t) => {
  const asker = createAsker({ gate: createGate({ dryRun: true }), offline: false });
  t.is(await asker.ask(URL, 'kubernetes'), undefined);
  asker.note({ about: 'base', url: 'ec2:DescribeImages', reason: 'no region: give --region' });
  t.false(asker.isUnheard);
});
