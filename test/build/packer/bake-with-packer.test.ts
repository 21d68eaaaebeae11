import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { bakeWithPacker } from '../../../src/build/packer/bake-with-packer.js';
import { createGate, type Gate } from '../../../src/gate/gate.js';
import { silentProgress } from '../../../src/progress.js';
import { smallPlan } from './plan.js';

async function bake(t: ExecutionContext, file: string, gate: Gate = createGate({})) {
  const workDir = await mkdtemp(path.join(tmpdir(), 'kiln-test-'));
  t.teardown(() => rm(workDir, { recursive: true }));
  const overlayTar = path.join(workDir, 'overlay.tar');
  await writeFile(overlayTar, '');
  const baking = bakeWithPacker({
    gate,
    plan: smallPlan('debian12'),
    overlayTar,
    base: { file },
    workDir,
    progress: silentProgress,
  });
  return { workDir, baking };
}

test('a base that is not there leaves nothing behind', async (t) => {
  const { workDir, baking } = await bake(t, '/nonexistent/base.qcow2');
  await t.throwsAsync(baking, { code: 'BASE_UNREACHABLE' });
  t.deepEqual(await readdir(workDir), ['overlay.tar']);
});

test('a base that is no disk leaves nothing behind', async (t) => {
  const { workDir, baking } = await bake(t, '/etc/passwd');
  await t.throwsAsync(baking, { code: 'IMAGE_INVALID' });
  t.deepEqual(await readdir(workDir), ['overlay.tar']);
});

test('a dry run starts nothing', async (t) => {
  const gate = createGate({ dryRun: true });
  const { workDir, baking } = await bake(t, '/nonexistent/base.qcow2', gate);
  t.is((await baking).disk, path.join(workDir, 'disk.raw'));
  t.deepEqual(
    gate.actions.map(({ verb, target }) => [verb, target]),
    [['write', path.join(workDir, 'disk.raw')]],
  );
});

test.serial(
  'without the tools nothing begins, and all that is missing is named with its package',
  async (t) => {
    const searched = process.env.PATH;
    process.env.PATH = '/nonexistent';
    t.teardown(() => {
      process.env.PATH = searched;
    });
    const { baking } = await bake(t, '/etc/passwd');
    const error = await t.throwsAsync(baking, { code: 'TOOL_MISSING', message: /packer: needed to/ });
    t.regex(String((error as { hint?: string }).hint), /apt-get install .*qemu-system-x86.*packer/);
  },
);
