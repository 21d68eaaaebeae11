import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { detectAccelerator, rememberAccelerator } from '../../src/boot/detect-accelerator.js';
import { createGate } from '../../src/gate/gate.js';

async function cacheFile(t: { teardown(work: () => Promise<void>): void }): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kiln-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return path.join(folder, 'kiln', 'accelerator.json');
}

test('without the device nothing is started, and the answer is remembered', async (t) => {
  const gate = createGate({});
  const options = { cacheFile: await cacheFile(t), device: '/nonexistent/kvm' };
  t.is(await detectAccelerator(gate, options), 'tcg');
  t.is(gate.actions.length, 0);
  t.regex(await readFile(options.cacheFile, 'utf8'), /"accelerator":"tcg"/);
});

test('what was remembered is believed for this boot of the host only', async (t) => {
  const options = { cacheFile: await cacheFile(t), device: '/nonexistent/kvm' };
  await rememberAccelerator('kvm', options);
  t.is(await detectAccelerator(createGate({}), options), 'kvm');
  await writeFile(options.cacheFile, '{"boot":"another","accelerator":"kvm"}');
  t.is(await detectAccelerator(createGate({}), options), 'tcg');
  await writeFile(options.cacheFile, 'not json');
  t.is(await detectAccelerator(createGate({}), options), 'tcg');
});

test('an open device is tried with a real guest, within the bound', async (t) => {
  const gate = createGate({});
  const started = performance.now();
  try {
    const accelerator = await detectAccelerator(gate, { cacheFile: await cacheFile(t) });
    t.true(['kvm', 'tcg'].includes(accelerator));
    t.log(
      `${accelerator}, ${gate.actions.length} guests started, ${Math.round(performance.now() - started)} ms`,
    );
  } catch (error) {
    t.like(error, { code: 'TOOL_MISSING' });
    t.log(`NOT CHECKED: ${(error as Error).message}`);
  }
  t.true(performance.now() - started < 15_000);
});
