import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { makeSeed } from '../../src/boot/make-seed.js';
import { readDisk } from '../../src/boot/read-disk.js';
import { readMarkers } from '../../src/boot/read-markers.js';
import { createGate } from '../../src/gate/gate.js';

const run = promisify(execFile);
const MEBIBYTE = 2 ** 20;

async function temporary(t: { teardown(work: () => Promise<void>): void }): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kiln-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A small raw disk with a GPT and one ext4 root at 1 MiB. */
async function makeDisk(folder: string): Promise<string> {
  const [tree, raw] = [path.join(folder, 'tree'), path.join(folder, 'small.raw')];
  await mkdir(path.join(tree, 'etc/sysconfig/sub'), { recursive: true });
  await writeFile(path.join(tree, 'etc/sysconfig/kubernetes-master'), 'CLUSTER_NAME=kiln\n');
  await writeFile(raw, '');
  await truncate(raw, 12 * MEBIBYTE);
  const partitions = run('sfdisk', ['--quiet', raw]);
  partitions.child.stdin?.end(
    'label: gpt\nstart=2048,size=20480,type=4f68bce3-e8cd-4db1-96e7-fbcaf984b709\n',
  );
  await partitions;
  await run('mkfs.ext4', ['-q', '-d', tree, '-E', `offset=${MEBIBYTE}`, raw, '10M']);
  return raw;
}

test('files come off a real disk without a mount; what is not there is left out', async (t) => {
  const folder = await temporary(t);
  const out = path.join(folder, 'out');
  const disk = await makeDisk(folder);
  await readDisk({ gate: createGate({}), disk, paths: ['/etc/sysconfig', '/var/log/journal'], out });
  t.deepEqual(await readMarkers(path.join(out, 'etc/sysconfig')), {
    '/etc/sysconfig/kubernetes-master': 'CLUSTER_NAME=kiln\n',
  });
  t.deepEqual(await readMarkers(path.join(out, 'var/log/journal')), {});
});

test('a seed is a vfat disk labelled CIDATA that holds both files', async (t) => {
  const folder = await temporary(t);
  const seed = await makeSeed({
    gate: createGate({}),
    folder,
    userData: '#cloud-config\n{}\n',
    metaData: 'instance-id: i-1\n',
  });
  const { stdout } = await run('blkid', ['-p', '-o', 'export', seed]);
  t.regex(stdout, /^LABEL=CIDATA$/m);
  t.regex(stdout, /^TYPE=vfat$/m);
  const copies = path.join(folder, 'copies');
  await mkdir(copies);
  await run('mcopy', ['-i', seed, '::user-data', '::meta-data', copies]);
  t.is(await readFile(path.join(copies, 'user-data'), 'utf8'), '#cloud-config\n{}\n');
  t.is(await readFile(path.join(copies, 'meta-data'), 'utf8'), 'instance-id: i-1\n');
});
