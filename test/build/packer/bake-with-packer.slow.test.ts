import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { makeOverlayTar } from '../../../src/build/make-overlay-tar.js';
import { bakeWithPacker } from '../../../src/build/packer/bake-with-packer.js';
import { createGate, type Gate } from '../../../src/gate/gate.js';
import type { Plan } from '../../../src/plan/types.js';
import type { Progress } from '../../../src/progress.js';
import { debianBase } from '../../helpers/baked-image.js';
import { smallPlan } from './plan.js';

/** Real everything: Packer, QEMU, SSH. A whole bake is in bake-image.slow.test.ts. */
const folder = await mkdtemp(path.join(tmpdir(), 'kiln-slow-'));
let base = '';
const overlayTar = path.join(folder, 'overlay.tar');

const plan: Plan = {
  ...smallPlan('debian12'),
  files: [
    {
      path: '/etc/kiln/a.conf',
      type: 'file',
      mode: '0640',
      owner: 'root:daemon',
      content: 'a\n',
      from: 'test',
    },
    { path: '/etc/kiln/b', type: 'link', target: 'a.conf', from: 'test' },
  ],
  packages: ['ethtool'],
  removedPackages: ['netbase'],
};

test.before(async (t) => {
  base = await debianBase(t);
  const tree = path.join(folder, 'overlay');
  await mkdir(path.join(tree, 'etc/kiln'), { recursive: true });
  await writeFile(path.join(tree, 'etc/kiln/a.conf'), 'a\n');
  await chown(path.join(tree, 'etc/kiln/a.conf'), 0, 0);
  await chmod(path.join(tree, 'etc/kiln/a.conf'), 0o600);
  await makeOverlayTar({ gate: createGate({}), tree, file: overlayTar });
});

test.after.always(() => rm(folder, { recursive: true, force: true }));

/** Steps go to the console, as a person would see them; `onStep` hears them too. */
function talk(onStep: (title: string) => void = () => {}): Progress {
  return {
    step(title) {
      process.stderr.write(`== ${title}\n`);
      onStep(title);
    },
    note() {},
    bytes() {},
    end() {},
    beside: () => talk(onStep),
  };
}

async function bake(gate: Gate, name: string, onStep?: (title: string) => void) {
  const workDir = path.join(folder, name);
  const result = bakeWithPacker({
    gate,
    plan,
    overlayTar,
    base: { file: base },
    workDir,
    progress: talk(onStep),
  });
  return { workDir, result: await result.catch((error: unknown) => error) };
}

/** Command lines of running processes that name the test's folder. */
async function findProcesses(): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'latin1').catch(() => '')));
  return lines.filter((line) => line.includes(folder) && /qemu-system|packer/.test(line));
}

test.serial('interrupted while the machine boots: no machine, no key, no disk', async (t) => {
  const stop = new AbortController();
  let running: string[] = [];
  const { workDir, result } = await bake(createGate({ signal: stop.signal }), 'interrupted', (title) => {
    if (!title.startsWith('Waiting for SSH')) return;
    void sleep(3000)
      .then(findProcesses)
      .then((found) => {
        running = found;
        stop.abort();
      });
  });
  t.like(result, { code: 'INTERRUPTED' });
  t.true(running.some((line) => line.includes('qemu-system')));
  t.deepEqual(await findProcesses(), []);
  t.deepEqual(await readdir(workDir), []);
  t.deepEqual(
    (await readdir(tmpdir())).filter((name) => name.startsWith('kiln-packer-')),
    [],
  );
});
