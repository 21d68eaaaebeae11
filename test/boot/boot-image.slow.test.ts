import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { bootImage } from '../../src/boot/boot-image.js';
import { qemuRig } from '../../src/boot/qemu-rig.js';
import { createGate } from '../../src/gate/gate.js';
import { silentProgress } from '../../src/progress.js';
import { bakeFromDebian } from '../helpers/baked-image.js';

test.serial('an interrupted boot leaves no machine and no files', async (t) => {
  const { disk } = await bakeFromDebian(t, ['--os', 'debian12', '--engine', 'mkosi']);
  const before = temporaryFolders();
  const machines = machinesOnCopies();
  const controller = new AbortController();
  const gate = createGate({ signal: controller.signal });
  setTimeout(() => controller.abort(new Error('stopped')), 8000);
  await t.throwsAsync(
    bootImage({
      gate,
      disk,
      seed: { userData: '#cloud-config\n{}\n', metaData: '' },
      rig: qemuRig('tcg'),
      progress: silentProgress,
    }),
  );
  t.deepEqual(temporaryFolders(), before);
  t.deepEqual(machinesOnCopies(), machines);
});

/** Where boots keep their copies: others may be running beside this test. */
function temporaryFolders(): string[] {
  return readdirSync(process.env.TMPDIR || '/var/tmp').filter((name) => name.startsWith('kiln-boot-'));
}

/** Process ids of the machines that run on such a copy. */
function machinesOnCopies(): string[] {
  return readdirSync('/proc').filter(
    (pid) => /^\d+$/.test(pid) && /^qemu-system.*kiln-boot-/s.test(commandLine(pid)),
  );
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
