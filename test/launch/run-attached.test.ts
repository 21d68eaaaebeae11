import test from 'ava';
import { createGate } from '../../src/gate/gate.js';
import { runAttached } from '../../src/launch/run-attached.js';

const gate = createGate({});

test('the status is that of the command', async (t) => {
  t.is(await runAttached(gate, ['sh', '-c', 'exit 7'], 'try it'), 7);
});

test.serial('after Ctrl-C it is 130, whatever ssh makes of it', async (t) => {
  setTimeout(() => process.kill(process.pid, 'SIGINT'), 100);
  t.is(await runAttached(gate, ['sh', '-c', 'sleep 1; exit 255'], 'try it'), 130);
});

test('a program that is not there is named', async (t) => {
  await t.throwsAsync(runAttached(gate, ['/nonexistent/ssh'], 'try it'), { message: /\/nonexistent\/ssh/ });
});
