import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createGate } from '../../../src/gate/gate.js';
import { findPrograms, killUntilGone, pidOf, startDetached } from '../../../src/providers/local/processes.js';

test('only kiln’s own programs on the files are found, not what a person runs on them', async (t) => {
  const folder = scratch(t);
  const script = `echo there; read -r line`;
  const own = spawn('sh', ['-c', script, 'kiln-detached', `${folder}/pid`]);
  const persons = spawn('sh', ['-c', script, 'sh', `${folder}/console.log`]);
  t.teardown(() => {
    for (const child of [own, persons]) child.kill('SIGKILL');
  });
  await Promise.all([once(own.stdout, 'data'), once(persons.stdout, 'data')]);
  const found = await findPrograms(`${folder}/`);
  t.deepEqual(
    found.map(({ pid }) => pid),
    [own.pid],
  );
  const killed = await killUntilGone(createGate({}), () => findPrograms(`${folder}/`));
  t.is(killed.length, 1);
  t.is(persons.exitCode ?? persons.signalCode, null);
});

test('a detached command goes on, and its id is known only as long as it is it', async (t) => {
  const folder = scratch(t);
  const pid = path.join(folder, 'pid');
  const command = ['sh', '-c', 'echo said; sleep 60; :', 'kiln-test', folder];
  await startDetached(createGate({}), { pid, log: path.join(folder, 'log'), command, reason: 'test' });
  let found: number | undefined;
  while (found === undefined) found = await pidOf(pid, folder);
  t.teardown(() => process.kill(-Number(found), 'SIGKILL'));
  t.is(await pidOf(pid, 'another'), undefined);
  writeFileSync(pid, '1\n');
  t.is(await pidOf(pid, ''), undefined);
});

test('a dry run ends nothing', async (t) => {
  const gate = createGate({ dryRun: true });
  const found = [{ pid: process.pid, name: 'node', args: [] }];
  await killUntilGone(gate, async () => found);
  t.is(gate.actions.length, 1);
});

function scratch(t: ExecutionContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'kiln-processes-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}
