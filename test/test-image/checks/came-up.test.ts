import test from 'ava';
import { goodContext, problemsOf, seedlessContext } from './context.js';

test('no login prompt: the console says where it stopped', (t) => {
  const context = goodContext();
  context.boot.reached = false;
  context.boot.consoleTail = ['[ TIME ] Timed out waiting for device /dev/vda2.', ''];
  context.boot.consoleTail.pop();
  const [problem = ''] = problemsOf(context, 'came-up');
  t.true(problem.startsWith('login prompt: '));
  t.true(problem.includes('Timed out waiting for device'));
});

test('deaf to the power button', (t) => {
  const context = goodContext();
  context.boot.poweredOff = false;
  t.regex(problemsOf(context, 'came-up').join(), /^power button: /);
});

test('a machine with a seed whose probe said nothing', (t) => {
  t.regex(problemsOf({ ...goodContext(), facts: undefined }, 'came-up').join(), /^probe: /);
  t.deepEqual(problemsOf(seedlessContext(), 'came-up'), []);
});
