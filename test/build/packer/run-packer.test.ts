import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { runPacker } from '../../../src/build/packer/run-packer.js';
import { createGate } from '../../../src/gate/gate.js';
import { silentProgress } from '../../../src/progress.js';

/** Real Packer, whose `null` builder runs a local command instead of a machine. */
async function makeTemplate(t: ExecutionContext, command: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kiln-test-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const template = `source "null" "kiln" {
  communicator = "none"
}

build {
  sources = ["source.null.kiln"]

  provisioner "shell-local" {
    inline = [${JSON.stringify(command)}]
  }
}
`;
  await writeFile(path.join(folder, 'build.pkr.hcl'), template);
  return folder;
}

interface Ears {
  push(text: string): void;
}

function run(
  folder: string,
  options: { signal?: AbortSignal; steps?: Ears; notes?: Ears } = {},
): Promise<void> {
  return runPacker({
    gate: createGate(options.signal === undefined ? {} : { signal: options.signal }),
    args: ['build', '-machine-readable', '.'],
    cwd: folder,
    environment: { CHECKPOINT_DISABLE: '1', PACKER_NO_COLOR: '1', TMPDIR: folder },
    progress: {
      ...silentProgress,
      step: (title) => options.steps?.push(title),
      note: (text) => options.notes?.push(text),
    },
  });
}

/** A process that has ended and only waits for its parent to notice counts as gone. */
async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return /\) [^ZX]/.test(status);
}

async function isGoneIn(pid: number, milliseconds: number): Promise<boolean> {
  for (const deadline = Date.now() + milliseconds; Date.now() < deadline; await sleep(50)) {
    if (!(await isAlive(pid))) return true;
  }
  return false;
}

test('a step named inside the machine becomes a step of the talk', async (t) => {
  const steps: string[] = [];
  await run(await makeTemplate(t, 'echo "kiln: Unpacking the overlay, all of it"'), { steps });
  t.deepEqual(steps, ['Unpacking the overlay, all of it']);
});

test('a failure shows what was said last', async (t) => {
  const folder = await makeTemplate(t, 'echo no such package: jq; exit 100');
  await t.throwsAsync(run(folder), {
    code: 'COMMAND_FAILED',
    message: /ended with status 1\n[\s\S]*no such package: jq/,
  });
});

test('interrupted, nothing it started is left, not even what ignores the interrupt', async (t) => {
  const folder = await makeTemplate(t, 'trap "" INT TERM; sleep 300 & echo $! > child; wait');
  const stop = new AbortController();
  const running = run(folder, { signal: stop.signal });
  const file = path.join(folder, 'child');
  while (!existsSync(file) || (await readFile(file, 'utf8')) === '') await sleep(50);
  const child = Number(await readFile(file, 'utf8'));
  t.true(await isAlive(child));
  stop.abort();
  await t.throwsAsync(running, { code: 'INTERRUPTED' });
  t.true(await isGoneIn(child, 2000));
});

test('interrupted, Packer itself gets to clean up, at once', async (t) => {
  const folder = await makeTemplate(t, 'echo "kiln: waiting"; exec sleep 300');
  const stop = new AbortController();
  const notes: string[] = [];
  const running = run(folder, {
    signal: stop.signal,
    steps: { push: () => stop.abort() },
    notes,
  });
  await t.throwsAsync(running, { code: 'INTERRUPTED' });
  t.true(notes.includes('Cleanly cancelled builds after being interrupted.'), notes.join('\n'));
});

test('a dry run only says what it would run', async (t) => {
  const gate = createGate({ dryRun: true });
  await runPacker({
    gate,
    args: ['build', '.'],
    cwd: '/nonexistent',
    environment: {},
    progress: silentProgress,
  });
  t.deepEqual(
    gate.actions.map(({ verb, target }) => `${verb} ${target}`),
    ['run packer build .'],
  );
});
