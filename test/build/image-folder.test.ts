import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {
  type AmiImage,
  listImages,
  newestImage,
  openAmi,
  openImage,
  writeAmiFolder,
} from '../../src/build/image-folder.js';
import { readLock } from '../../src/lock/read-lock.js';
import { bake } from '../helpers/bake.js';
import { planOf } from '../helpers/plans.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const base = {
  kind: 'ami',
  owner: '136693071363',
  name: 'debian-12-amd64-20261101',
  region: 'eu-west-1',
  id: 'ami-0000000000000002b',
  source: 'here',
} as const;
const plan = { ...planOf('debian12'), base };
const lock = { version: 1, source: 'upstream', kubernetes: '1.36.2', artifacts: [], base } as const;

function amiImage(folder: string): AmiImage {
  return {
    folder,
    ami: { version: 1, amis: { 'eu-west-1': 'ami-00000001' }, base },
    manifest: {
      version: 1,
      imageId: plan.id,
      plan: { digest: plan.id, spec: plan.spec, verdict: plan.verdict },
      engine: 'packer',
      tools: { packer: '1.6.6' },
      lock: { ...lock, artifacts: [] },
    },
    plan,
  };
}

async function imagesIn(folder: string): Promise<{ disk: string; ami: string }> {
  const disk = path.join(folder, 'a-disk');
  await mkdir(disk);
  await writeFile(path.join(disk, 'plan.json'), JSON.stringify(plan));
  await writeFile(
    path.join(disk, 'manifest.json'),
    JSON.stringify({ imageId: plan.id, engine: 'mkosi', disk: { size: 2 ** 31 } }),
  );
  const ami = path.join(folder, 'an-ami');
  await mkdir(ami);
  await writeAmiFolder(amiImage(ami));
  return { disk, ami };
}

test('an AMI’s folder reads back as it was written, with a lock that bakes it again', async (t) => {
  const { ami } = await imagesIn(temporaryFolder());
  const image = await openAmi(ami);
  t.deepEqual(image, JSON.parse(JSON.stringify(amiImage(ami))));
  t.deepEqual(await openAmi(path.join(ami, 'ami.json')), image);
  t.deepEqual(readLock(path.join(ami, 'kiln.lock.yaml')).base, base);
});

test('a disk is not taken for an AMI, nor an AMI for a disk', async (t) => {
  const { disk, ami } = await imagesIn(temporaryFolder());
  await t.throwsAsync(openAmi(disk), { code: 'IMAGE_INVALID', message: /is a disk/ });
  await t.throwsAsync(openImage(ami), {
    code: 'IMAGE_INVALID',
    message: /is ami-00000001 in eu-west-1: there is no disk here/,
  });
});

test('both kinds are listed; what needs a disk takes the newest disk', async (t) => {
  const out = temporaryFolder();
  const { disk } = await imagesIn(out);
  t.is((await listImages(out)).length, 2);
  t.is((await newestImage(out)).folder, disk);
  const { stdout } = await bake(['list', 'images', '--out', out]);
  t.regex(stdout, /ami-00000001 in eu-west-1/);
  t.regex(stdout, /2\.0 GiB/);
  const { stdout: json } = await bake(['list', 'images', '--out', out, '--json']);
  const rows = JSON.parse(json) as { amis?: unknown }[];
  t.deepEqual(
    rows.map(({ amis }) => amis).filter((amis) => amis !== undefined),
    [{ 'eu-west-1': 'ami-00000001' }],
  );
});
