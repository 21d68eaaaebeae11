import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { ensureUserModeLinux } from '../../../src/boot/uml/ensure-user-mode-linux.js';
import { createGate } from '../../../src/gate/gate.js';
import { silentProgress } from '../../../src/progress.js';

const folder = mkdtempSync(path.join(tmpdir(), 'kiln-uml-'));
test.after.always(() => rmSync(folder, { recursive: true }));

test.serial('without it, --offline and a dry run change nothing', async (t) => {
  const cache = process.env.XDG_CACHE_HOME;
  process.env.XDG_CACHE_HOME = path.join(folder, 'cache');
  try {
    const progress = silentProgress;
    await t.throwsAsync(ensureUserModeLinux({ gate: createGate({}), progress, offline: true }), {
      code: 'ARTIFACTS_MISSING',
    });
    const gate = createGate({ dryRun: true });
    const kernel = await ensureUserModeLinux({ gate, progress });
    t.is(gate.actions.length, 1);
    t.is(gate.actions[0]?.target, kernel.root);
  } finally {
    if (cache === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = cache;
  }
});

test('another processor is told to use QEMU', async (t) => {
  const gate = createGate({});
  await t.throwsAsync(ensureUserModeLinux({ gate, progress: silentProgress, architecture: 'arm64' }), {
    code: 'TOOL_MISSING',
  });
});
