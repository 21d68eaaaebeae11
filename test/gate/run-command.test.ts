import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { createGate } from '../../src/gate/gate.js';
import { runCommand } from '../../src/gate/run-command.js';

test('gives back what the command prints, and each line as it comes', async (t) => {
  const lines: string[] = [];
  const command = {
    file: 'sh',
    args: ['-c', 'echo one; echo two >&2'],
    reason: 'test',
    onLine: (line: string) => lines.push(line),
  };
  t.is(await runCommand(createGate({}), command, { capture: true }), 'one');
  t.deepEqual(lines.sort(), ['one', 'two']);
});

test('arguments reach the program as they are, whatever a shell would make of them', async (t) => {
  const argument = '$(id) `id` "; rm -rf / #';
  t.is(
    await runCommand(
      createGate({}),
      { file: 'printf', args: ['%s', argument], reason: 'test' },
      { capture: true },
    ),
    argument,
  );
});

test('a failure says what for, the status and the last lines', async (t) => {
  const running = runCommand(createGate({}), {
    file: 'sh',
    args: ['-c', 'seq 100; exit 3'],
    reason: 'count',
  });
  const error = await t.throwsAsync(running, { code: 'COMMAND_FAILED' });
  t.regex(error?.message ?? '', /^Could not count: sh ended with status 3\n {2}\| 86\n/);
  t.regex(error?.message ?? '', / {2}\| 100$/);
});

test('a program that is not installed is named with what it is for', async (t) => {
  const error = await t.throwsAsync(
    runCommand(createGate({}), { file: 'kiln-no-such-tool', args: [], reason: 'test' }),
    {
      code: 'TOOL_MISSING',
    },
  );
  t.regex(error?.message ?? '', /kiln-no-such-tool is not installed; it is needed to test/);
});

test('an interrupt ends the program', async (t) => {
  const controller = new AbortController();
  const running = runCommand(createGate({ signal: controller.signal }), {
    file: 'sleep',
    args: ['60'],
    reason: 'wait',
  });
  await sleep(200);
  controller.abort();
  await t.throwsAsync(running, { code: 'INTERRUPTED' });
});

test('a dry run starts nothing', async (t) => {
  const gate = createGate({ dryRun: true });
  t.is(await runCommand(gate, { file: 'kiln-no-such-tool', args: ['a'], reason: 'test' }), '');
  t.deepEqual(gate.actions, [{ verb: 'run', target: 'kiln-no-such-tool a', reason: 'test' }]);
});
