import test from 'ava';
import { createGate } from '../../src/gate/gate.js';

test('a dry run does nothing and lists all that would be done', async (t) => {
  const gate = createGate({ dryRun: true });
  let done = 0;
  const work = async (): Promise<number> => (done += 1);
  t.is(await gate.perform({ verb: 'write', target: '/a' }, work), undefined);
  t.is(await gate.perform({ verb: 'run', target: 'b' }, work), undefined);
  t.is(done, 0);
  t.deepEqual(gate.actions, [
    { verb: 'write', target: '/a' },
    { verb: 'run', target: 'b' },
  ]);
});

test('a real run does it once and gives back its result', async (t) => {
  const gate = createGate({});
  t.is(await gate.perform({ verb: 'write', target: '/a' }, async () => 7), 7);
  t.is(gate.actions.length, 1);
});

test('nothing starts after an interrupt', async (t) => {
  const controller = new AbortController();
  const gate = createGate({ signal: controller.signal });
  controller.abort(new Error('stopped'));
  let done = false;
  await t.throwsAsync(
    gate.perform({ verb: 'write', target: '/a' }, async () => {
      done = true;
    }),
    { message: 'stopped' },
  );
  t.false(done);
});
