import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { ensureToolbox } from '../../../src/build/toolbox/ensure-toolbox.js';
import { runInToolbox } from '../../../src/build/toolbox/run-in-toolbox.js';
import { loadToolboxDefinition, toolboxSchema } from '../../../src/build/toolbox/toolbox-definition.js';
import { createGate } from '../../../src/gate/gate.js';
import { silentProgress } from '../../../src/progress.js';

test.beforeEach(() => {
  process.env.XDG_CACHE_HOME = mkdtempSync(path.join(tmpdir(), 'kiln-cache-'));
});

test.serial('the definition fits its schema and is sorted', (t) => {
  const { definition, digest } = loadToolboxDefinition();
  t.notThrows(() => toolboxSchema.parse(definition));
  t.deepEqual(definition.packages, definition.packages.toSorted());
  t.regex(digest, /^[0-9a-f]{16}$/);
});

test.serial('one that is there is used as it is', async (t) => {
  const { digest } = loadToolboxDefinition();
  const root = path.join(process.env.XDG_CACHE_HOME ?? '', 'kiln', 'toolbox', digest);
  mkdirSync(root, { recursive: true });
  const gate = createGate({});
  t.deepEqual(await ensureToolbox({ gate, progress: silentProgress }), { root, digest });
  t.deepEqual(gate.actions, []);
});

test.serial('a dry run says what it would make and makes nothing', async (t) => {
  const gate = createGate({ dryRun: true });
  const { root } = await ensureToolbox({ gate, progress: silentProgress });
  t.deepEqual(
    gate.actions.map(({ verb, target }) => [verb, target]),
    [['make', root]],
  );
});

test.serial('a command in it is given its binds, its folder and few variables', async (t) => {
  const gate = createGate({ dryRun: true });
  const command = { file: 'mkosi', args: ['build'], cwd: '/work', env: { A: '1' }, reason: 'test' };
  const binds = [{ source: '/host/a', target: '/a', readOnly: true }];
  await runInToolbox(gate, { root: '/toolbox', digest: 'd' }, command, { binds });
  const target = gate.actions[0]?.target ?? '';
  t.regex(target, / unshare --mount --pid --fork --kill-child --propagation private sh -c /);
  t.regex(
    target,
    /\/toolbox \S+\/toolbox\/stage 1 \/host\/a \/a ro \/work env -i HOME=\/root LANG=C\.UTF-8 PATH=\S+ .*A=1 mkosi build$/,
  );
});
