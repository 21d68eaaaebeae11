import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import test from 'ava';
import { bootImage } from '../../src/boot/boot-image.js';
import { qemuRig } from '../../src/boot/qemu-rig.js';
import { createGate } from '../../src/gate/gate.js';
import { silentProgress } from '../../src/progress.js';
import { bakeFromDebian } from '../helpers/baked-image.js';

test.serial('an interrupted boot leaves no machine and no files', async (t) => {
  const { disk } = await bakeFromDebian(t, ['--os', 'debian12', '--engine', 'mkosi']);
  const controller = new AbortController();
  const gate = createGate({ signal: controller.signal });
  let during: string[] = [];
  setTimeout(() => {
    during = leftovers();
    controller.abort(new Error('stopped'));
  }, 8000);
  await t.throwsAsync(
    bootImage({
      gate,
      disk,
      seed: { userData: '#cloud-config\n{}\n', metaData: '' },
      rig: qemuRig('tcg'),
      progress: silentProgress,
    }),
  );
  t.is(during.length, 2, 'a folder and a machine');
  t.deepEqual(leftovers(), []);
});

/** What is left of boots here: their folders, and command lines of machines that run on a copy in one. */
function leftovers(): string[] {
  const lines = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(commandLine);
  return [
    ...readdirSync(tmpdir()).filter((name) => name.startsWith('kiln-boot-')),
    ...lines.filter((line) => line.startsWith('qemu-system') && line.includes(tmpdir())),
  ];
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
