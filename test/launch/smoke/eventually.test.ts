import test from 'ava';
import { KilnError } from '../../../src/errors.js';
import { eventually } from '../../../src/launch/smoke/eventually.js';
import type { Kubectl } from '../../../src/launch/smoke/kubectl.js';

const { signal } = new AbortController();

/** A check whose time left is each of these milliseconds in turn. */
function withTimeLeft(...milliseconds: number[]): { kubectl: Kubectl; signal: AbortSignal } {
  const left = (): number => milliseconds.shift() ?? 0;
  return { kubectl: { left } as unknown as Kubectl, signal };
}

/** Throws each of these in turn, then returns `done`. */
function failing(...errors: Error[]): () => Promise<string> {
  return async () => {
    const error = errors.shift();
    if (error !== undefined) throw error;
    return 'done';
  };
}

test('what fails at first is tried again', async (t) => {
  t.is(await eventually(withTimeLeft(9000, 9000), failing(new Error('not yet'))), 'done');
});

test('with no time for another attempt, the last one says why', async (t) => {
  const failed = eventually(
    withTimeLeft(9000, 9000, 800, 800),
    failing(new Error('first'), new Error('second')),
  );
  await t.throwsAsync(failed, { message: 'second' });
});

test('an attempt cut short by the end of the time says less than the one before it', async (t) => {
  const attempts = failing(new Error('minion-2 never joined'), new Error('the time is over'));
  await t.throwsAsync(eventually(withTimeLeft(9000, 9000, 0), attempts), {
    message: 'minion-2 never joined',
  });
  await t.throwsAsync(eventually(withTimeLeft(0), failing(new Error('the time is over'))), {
    message: 'the time is over',
  });
});

test('a program that is not there ends it at once', async (t) => {
  const missing = new KilnError('TOOL_MISSING', 'kubectl is not there');
  await t.throwsAsync(eventually(withTimeLeft(9000), failing(missing)), { is: missing });
});
