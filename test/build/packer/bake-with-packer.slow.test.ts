import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { listTree } from '../../../src/build/disk/list-tree.js';
import { withDiskTree } from '../../../src/build/disk/with-disk-tree.js';
import { makeOverlayTar } from '../../../src/build/make-overlay-tar.js';
import { scanHygiene } from '../../../src/build/manifest/scan-hygiene.js';
import { bakeWithPacker } from '../../../src/build/packer/bake-with-packer.js';
import { makeDebianBase } from '../../../src/build/packer/make-debian-base.js';
import { createGate, type Gate } from '../../../src/gate/gate.js';
import type { Plan } from '../../../src/plan/types.js';
import type { Progress } from '../../../src/progress.js';
import { smallPlan } from './plan.js';

/** Real everything: a base from the Debian archive, Packer, QEMU, SSH. About 5 minutes without KVM on a quiet machine. */
const folder = await mkdtemp(path.join(tmpdir(), 'kiln-slow-'));
const base = path.join(folder, 'base.qcow2');
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

test.before(async () => {
  await makeDebianBase({ gate: createGate({}), os: 'debian12', out: base, progress: talk() });
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
  const secrets = async (): Promise<string[]> =>
    (await readdir(tmpdir())).filter((name) => name.startsWith('kiln-packer-'));
  const before = await secrets();
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
  t.deepEqual(await secrets(), before);
});

test.serial('a whole bake: the plan is in the disk, the bake is not', async (t) => {
  const { workDir, result } = await bake(createGate({}), 'whole');
  const disk = path.join(workDir, 'disk.raw');
  const packages = path.join(workDir, 'packages.tsv');
  t.deepEqual(result, { disk, packages });
  t.deepEqual((await readdir(workDir)).sort(), ['disk.raw', 'packages.tsv']);
  const { size, blocks } = await stat(disk);
  t.true(blocks * 512 < size / 4, 'the disk is not sparse');

  const table = (await readFile(packages, 'utf8')).split('\n').map((line) => line.split('\t')[0]);
  t.true(table.includes('ethtool'));
  t.false(table.includes('netbase'));

  await withDiskTree(createGate({}), disk, async (tree) => {
    const entries = await listTree(tree);
    const byPath = new Map(entries.map((entry) => [entry.path, entry]));
    t.true(byPath.has('/usr/sbin/ethtool') || byPath.has('/sbin/ethtool'));
    t.like(byPath.get('/etc/kiln/a.conf'), { type: 'file', mode: '0640' });
    t.is((await stat(path.join(tree, 'etc/kiln/a.conf'))).gid, 1);
    t.true(byPath.has('/etc/kiln/b'));
    t.deepEqual(await scanHygiene({ tree, entries }), []);
    const left = entries.filter(({ path: name }) =>
      /kiln-base|kiln-builder|sbin\/policy-rc\.d|var\/tmp\/kiln/.test(name),
    );
    t.deepEqual(left, []);
    for (const file of ['passwd', 'shadow', 'group', 'subuid']) {
      t.notRegex(await readFile(path.join(tree, 'etc', file), 'utf8'), /kiln-builder/);
    }
    const grub = await readFile(path.join(tree, 'boot/grub/grub.cfg'), 'utf8');
    t.regex(grub, /linux\s+\/boot\/vmlinuz\S+ root=UUID=\S+ ro console=tty0 console=ttyS0,115200n8/);
  });
});
