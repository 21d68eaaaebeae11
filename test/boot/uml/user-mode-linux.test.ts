import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { ensureUserModeLinux } from '../../../src/boot/uml/ensure-user-mode-linux.js';
import { MODULES, missingModules } from '../../../src/boot/uml/user-mode-linux.js';
import { createGate } from '../../../src/gate/gate.js';
import { silentProgress } from '../../../src/progress.js';

const folder = mkdtempSync(path.join(tmpdir(), 'kiln-uml-'));
test.after.always(() => rmSync(folder, { recursive: true }));

test('a module is there when the kernel can load it or was built with it, whatever its dashes', async (t) => {
  const modules = path.join(folder, MODULES, '7.2.7');
  mkdirSync(modules, { recursive: true });
  writeFileSync(
    path.join(modules, 'modules.dep'),
    'kernel/net/bridge/br_netfilter.ko: kernel/net/bridge/bridge.ko\nkernel/fs/nls/nls_iso8859-1.ko:\n',
  );
  writeFileSync(path.join(modules, 'modules.builtin'), 'kernel/fs/ext4/ext4.ko\n');
  const kernel = { root: folder, release: '7.2.7', packages: [] };
  const wanted = ['br_netfilter', 'br-netfilter', 'ext4', 'nls_iso8859_1', 'bridge', 'ena', 'nvme'];
  t.deepEqual(await missingModules(kernel, wanted), ['bridge', 'ena', 'nvme']);
});

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
