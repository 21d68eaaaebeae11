import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { ensureToolbox } from '../../../src/build/toolbox/ensure-toolbox.js';
import { runInToolbox } from '../../../src/build/toolbox/run-in-toolbox.js';
import type { Toolbox } from '../../../src/build/toolbox/toolbox.js';
import { createGate } from '../../../src/gate/gate.js';
import { silentProgress } from '../../../src/progress.js';

/** Needs root and, the first time, mmdebstrap and the Debian archive. */
let toolbox: Toolbox;
test.before('the toolbox is made or found', async (t) => {
  t.timeout(600_000);
  toolbox = await ensureToolbox({ gate: createGate({}), progress: silentProgress });
});

function shell(script: string) {
  return { file: 'sh', args: ['-c', script], reason: 'try the toolbox' };
}

test.serial('mkosi of the version the catalog names runs in it', async (t) => {
  const output = await runInToolbox(createGate({}), toolbox, shell('mkosi --version'), { capture: true });
  t.regex(output, /^mkosi 25\./);
});

test.serial('sees its binds and nothing else of the host', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'kiln-bind-'));
  writeFileSync(path.join(folder, 'in'), 'hello');
  const gate = createGate({});
  const script = `cat /shared/in; echo changed > /shared/out; ls ${folder} 2>&1 | head -1; echo x > /fixed/in`;
  const binds = [
    { source: folder, target: '/shared' },
    { source: folder, target: '/fixed', readOnly: true },
  ];
  await t.throwsAsync(runInToolbox(gate, toolbox, shell(script), { binds }), {
    message: /Read-only file system/,
  });
  t.is(readFileSync(path.join(folder, 'in'), 'utf8'), 'hello');
  t.is(readFileSync(path.join(folder, 'out'), 'utf8'), 'changed\n');
});

test.serial('offline there is no route to anywhere', async (t) => {
  const routes = (options: { offline: boolean }) =>
    runInToolbox(createGate({}), toolbox, shell('sed 1d /proc/net/route'), { ...options, capture: true });
  t.not(await routes({ offline: false }), '', 'this machine has no network: the test shows nothing');
  t.is(await routes({ offline: true }), '');
});

test.serial('an interrupt ends it at once, with all it started', async (t) => {
  const controller = new AbortController();
  const marker = `86${process.pid}`;
  const gate = createGate({ signal: controller.signal });
  const command = {
    ...shell(`trap '' TERM INT; sleep ${marker} & echo started; wait`),
    onLine: () => controller.abort(),
  };
  const begun = Date.now();
  await t.throwsAsync(runInToolbox(gate, toolbox, command), { code: 'INTERRUPTED' });
  t.true(Date.now() - begun < 5000);
  t.deepEqual(await processesWith(marker), []);
  t.false(readFileSync('/proc/self/mounts', 'utf8').includes('kiln/toolbox'));
});

async function processesWith(argument: string): Promise<string[]> {
  const { readdir, readFile } = await import('node:fs/promises');
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line === `sleep\0${argument}\0`);
}
