import { createHash } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { execa } from 'execa';
import type { TreeEntry } from '../../src/build/disk/list-tree.js';
import { withDiskTree } from '../../src/build/disk/with-disk-tree.js';
import { compareTrees, loadTreeDifferences } from '../../src/build/manifest/compare-trees.js';
import { createGate } from '../../src/gate/gate.js';
import type { PlannedFile } from '../../src/plan/types.js';
import { repositoryPath } from '../../src/repository.js';
import { bakeFromDebian, debianBase, folderBesideImages, MIRROR } from '../helpers/baked-image.js';

const DEBIAN12 = ['--os', 'debian12', '--engine', 'mkosi'];

for (const os of ['debian12', 'debian13']) {
  test.serial(`${os} baked by mkosi holds exactly what the plan says`, async (t) => {
    const { manifest, plan } = await bakeFromDebian(t, ['--os', os, '--engine', 'mkosi']);
    t.is(manifest.imageId, plan.id);
    const entries = new Map(manifest.files.map((entry) => [entry.path, entry]));
    t.deepEqual(
      plan.files.filter((file) => !matches(file, entries.get(file.path))).map(({ path: file }) => file),
      [],
    );
    const installed = new Set(manifest.packages.map(({ name }) => name));
    t.deepEqual(
      plan.packages.filter((name) => !installed.has(name)),
      [],
    );
    t.deepEqual(
      plan.removedPackages.filter((name) => installed.has(name)),
      [],
    );
  });
}

test.serial('systemd-analyze finds nothing to say about the units in the built root', async (t) => {
  const { disk, plan } = await bakeFromDebian(t, DEBIAN12);
  const units = plan.files.flatMap(
    ({ path: file }) => /^\/usr\/lib\/systemd\/system\/([^/]+\.service)$/.exec(file)?.[1] ?? [],
  );
  t.true(units.length >= 12);
  const said = await withDiskTree(createGate({}), disk, (root) =>
    execa('systemd-analyze', ['verify', '--man=no', `--root=${root}`, ...units], {
      all: true,
      reject: false,
    }),
  );
  t.is(said?.all, '');
  t.is(said?.exitCode, 0);
});

test.serial('a second bake with nothing changed builds nothing', async (t) => {
  const before = await bakeFromDebian(t, DEBIAN12);
  const { mtimeMs } = await stat(before.disk);
  const again = await bakeFromDebian(t, DEBIAN12);
  t.true(again.unchanged);
  t.is((await stat(again.disk)).mtimeMs, mtimeMs);
  t.regex(again.stderr, /Nothing changed: /);
});

test.serial('baked again from the same lock, elsewhere and without a network: the same files', async (t) => {
  const first = await bakeFromDebian(t, DEBIAN12);
  const out = await folderBesideImages(t);
  const second = await bakeOffline(out, DEBIAN12);
  t.is(second.imageId, first.manifest.imageId);
  const { unexplained } = compareTrees(first.manifest.files, second.files);
  t.deepEqual(unexplained, []);
  t.is(second.treeDigest, first.manifest.treeDigest);
});

test.serial('one changed setting changes those files and installs no package again', async (t) => {
  const first = await bakeFromDebian(t, DEBIAN12);
  const out = await folderBesideImages(t);
  const config = path.join(out, 'kiln.yaml');
  await writeFile(config, 'podCidr: 10.77.0.0/16\n');
  // Without a network: packages that had to be fetched would fail the bake.
  const second = await bakeOffline(out, [...DEBIAN12, '--config', config]);
  t.not(second.imageId, first.manifest.imageId);
  const { unexplained } = compareTrees(first.manifest.files, second.files);
  t.deepEqual(
    unexplained.map(({ path: file }) => file),
    ['/etc/kubernetes/kube-proxy.yaml', '/usr/lib/kiln/kubernetes.env'],
  );
});

const COMPARISON =
  'the same plan baked by Packer makes the same files, but for those the allow list explains';

// What Packer installs is held to the plan with every change by packer/bake-ami.slow.test.ts, which boots the same machine.
if (process.env.KILN_LONG_TESTS !== '1')
  test.skip(`${COMPARISON} (takes eight minutes: scripts/test-matrix)`, (t) => t.fail());
else
  test.serial(COMPARISON, async (t) => {
    const mkosi = await bakeFromDebian(t, DEBIAN12);
    const base = await debianBase(t);
    const packer = await bakeFromDebian(t, ['--os', 'debian12', '--engine', 'packer', '--base', base]);
    t.is(packer.manifest.imageId, mkosi.manifest.imageId);
    const { unexplained, unused } = compareTrees(
      mkosi.manifest.files,
      packer.manifest.files,
      loadTreeDifferences(),
    );
    t.deepEqual(unexplained, []);
    t.deepEqual(unused, []);
  });

for (const step of ['Laying out', 'Building the disk', 'Looking into']) {
  test.serial(`Ctrl-C while "${step}" leaves nothing`, async (t) => {
    t.timeout(1_200_000);
    const out = await folderBesideImages(t);
    const config = path.join(out, 'kiln.yaml');
    await writeFile(config, 'podCidr: 10.78.0.0/16\n');
    const images = path.join(out, 'images');
    const args = [
      'image',
      ...DEBIAN12,
      '--network',
      'routed',
      '--mirror',
      MIRROR,
      '--config',
      config,
      '--out',
      images,
    ];
    const running = execa(repositoryPath('bin', 'bake'), args, { reject: false, stdin: 'ignore' });
    await untilSaid(running.stderr, step);
    await sleep(500);
    running.kill('SIGINT');
    const { exitCode } = await running;
    t.is(exitCode, 130);
    t.deepEqual(await readdir(images), []);
    t.false((await readFile('/proc/self/mountinfo', 'utf8')).includes(out));
    t.deepEqual(await processesNaming(out), []);
  });
}

test.serial('the finished disk tells no secret and no machine from another', async (t) => {
  const { manifest } = await bakeFromDebian(t, DEBIAN12);
  const machineId = manifest.files.find(({ path: file }) => file === '/etc/machine-id');
  t.is(machineId?.size, 0);
  const forbidden =
    /^\/etc\/ssh\/ssh_host_|\/authorized_keys$|^\/var\/lib\/cloud\/.|^\/var\/cache\/apt\/archives\/.*\.deb$|^\/var\/lib\/apt\/lists\/.*Packages/;
  t.deepEqual(
    manifest.files.map(({ path: file }) => file).filter((file) => forbidden.test(file)),
    [],
  );
});

/** Bakes in a network namespace of its own, without any interface. */
async function bakeOffline(
  out: string,
  args: readonly string[],
): Promise<{ imageId: string; files: TreeEntry[]; treeDigest: string }> {
  const command = [
    'image',
    '--offline',
    '--network',
    'routed',
    '--mirror',
    MIRROR,
    '--out',
    out,
    '--json',
    ...args,
  ];
  const { stdout } = await execa('unshare', ['--net', repositoryPath('bin', 'bake'), ...command], {
    stdin: 'ignore',
  });
  const { folder } = JSON.parse(stdout) as { folder: string };
  return JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8'));
}

function matches(file: PlannedFile, entry: TreeEntry | undefined): boolean {
  if (entry === undefined || entry.type !== file.type) return false;
  if (file.type === 'link') return entry.target === file.target;
  if (Number.parseInt(entry.mode, 8) !== Number.parseInt(file.mode, 8)) return false;
  if (file.type === 'directory' || 'artifact' in file) return true;
  return entry.sha256 === createHash('sha256').update(file.content).digest('hex');
}

/** Resolves when the stream has said the text, or ended. */
async function untilSaid(stream: Readable, text: string): Promise<void> {
  let said = '';
  await new Promise<void>((resolve) => {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes(text)) resolve();
    });
    stream.once('end', () => resolve());
  });
}

async function processesNaming(folder: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(folder)).map((line) => line.replaceAll('\0', ' '));
}
