import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { load } from 'js-yaml';
import { listTree, type TreeEntry } from '../../../src/build/disk/list-tree.js';
import { settleFilesystem } from '../../../src/build/disk/settle-filesystem.js';
import { withDiskTree } from '../../../src/build/disk/with-disk-tree.js';
import { openAmi } from '../../../src/build/image-folder.js';
import { readPackages } from '../../../src/build/manifest/read-packages.js';
import { scanHygiene } from '../../../src/build/manifest/scan-hygiene.js';
import { createGate } from '../../../src/gate/gate.js';
import type { PlannedFile } from '../../../src/plan/types.js';
import { bake } from '../../helpers/bake.js';
import { debianBase, ensureMirror, folderBesideImages, MIRROR } from '../../helpers/baked-image.js';
import { type Moto, startMoto } from '../../helpers/moto.js';
import { baseImages, checkPolicy, leftovers, NO_LEFTOVERS, ownImages } from './aws-account.js';
import { startBaseMachine } from './base-machine.js';

/** Real Packer and the real SDK against moto; the builder instance is a real machine here, entered over SSH. */
const OFFICE = '203.0.113.7/32';

test.serial('debian12: an AMI by Packer, of a real machine that then holds exactly the plan', async (t) => {
  t.timeout(5_400_000);
  await ensureMirror(t);
  const folder = await folderBesideImages(t);
  const bases = baseImages('debian12', 'debian-12-amd64-*');
  const moto = await startMoto(t, { images: Object.values(bases) });
  const machine = await startBaseMachine({
    base: await debianBase(t),
    folder,
    user: 'admin',
    teardown: (work) => t.teardown(work),
  });
  const config = path.join(folder, 'kiln.yaml');
  await writeFile(
    config,
    JSON.stringify({
      os: 'debian12',
      network: 'routed',
      target: 'aws',
      mirror: MIRROR,
      aws: {
        adminCidrs: [OFFICE],
        builder: { sshHost: '127.0.0.1', sshPort: machine.port, sshPrivateKeyFile: machine.keyFile },
      },
    }),
  );
  const out = path.join(folder, 'images');
  const args = ['image', '--config', config, '--out', out];
  const baked = await bake(args, { env: moto.env });
  t.is(baked.exitCode, 0, `${baked.stderr}\n${(await readFile(machine.console, 'latin1')).slice(-2000)}`);
  const id = baked.stdout.trim();
  t.regex(id, /^ami-[0-9a-f]+$/);

  const [name = ''] = await readdir(out);
  t.regex(name, /^debian12-1\.20\.2-routed-amd64-aws-[0-9a-f]{8}$/);
  const image = await openAmi(path.join(out, name));
  const { plan, manifest, ami } = image;
  t.deepEqual(ami.amis, { 'us-east-1': id });
  t.is(ami.base.id, bases.newest.ami_id);
  t.deepEqual(manifest.lock.base, ami.base);
  t.deepEqual(plan.base, ami.base);
  t.like(load(await readFile(path.join(out, name, 'kiln.lock.yaml'), 'utf8')), { base: ami.base });
  t.deepEqual((await readdir(path.join(out, name))).sort(), [
    'ami.json',
    'kiln.lock.yaml',
    'manifest.json',
    'plan.json',
  ]);

  await checkAccount(t, { moto, id, imageId: plan.id, base: `${bases.newest.ami_id} ${bases.newest.name}` });
  await checkSecondBake(t, { moto, args, id });

  const disk = await machine.stop();
  await settleFilesystem(createGate({}), disk);
  await withDiskTree(createGate({}), disk, async (tree) => {
    const entries = await listTree(tree);
    const found = new Map(entries.map((entry) => [entry.path, entry]));
    const owners = await readOwners(tree);
    t.true(plan.files.length > 100);
    t.deepEqual(
      plan.files.filter((file) => !matches(file, found.get(file.path), owners)).map((file) => file.path),
      [],
    );
    t.deepEqual(await scanHygiene({ tree, entries }), []);
    const installed = (await readPackages(tree)).map(({ name: package_ }) => package_);
    t.deepEqual(
      plan.packages.filter((package_) => !installed.includes(package_)),
      [],
    );
    t.deepEqual(manifest.packages?.map((package_) => package_.name).sort(), installed.sort());
    t.false(entries.some(({ path: file }) => file.startsWith('/home/admin')));
  });
});

async function checkAccount(
  t: ExecutionContext,
  { moto, id, imageId, base }: { moto: Moto; id: string; imageId: string; base: string },
): Promise<void> {
  // Before the test itself asks anything.
  const requests = await moto.requests();
  await checkPolicy(t, requests);
  const [image, ...others] = await ownImages(moto);
  t.deepEqual(others, []);
  t.is(image?.ImageId, id);
  t.not(image?.Public, true);
  const { 'kiln:source-commit': commit, ...tags } = Object.fromEntries(
    (image?.Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']),
  );
  t.deepEqual(tags, {
    Name: image?.Name ?? '',
    'managed-by': 'kiln',
    'kiln:image-id': imageId,
    'kiln:os': 'debian12',
    'kiln:kubernetes': '1.20.2',
    'kiln:network': 'routed',
    'kiln:arch': 'amd64',
    'kiln:base': base,
  });
  t.regex(commit ?? '', /^[0-9a-f]{40}(-dirty)?$/);
  t.deepEqual(await leftovers(moto), NO_LEFTOVERS);
  const opened = requests.filter(({ action }) => action === 'ec2:AuthorizeSecurityGroupIngress');
  t.is(opened.length, 1);
  t.deepEqual(
    Object.entries(opened[0]?.parameters ?? {})
      .filter(([key]) => key.endsWith('CidrIp') || key.endsWith('CidrIpv6'))
      .map(([, value]) => value),
    [OFFICE],
  );
  const [launched] = requests.filter(({ action }) => action === 'ec2:RunInstances');
  t.is(launched?.parameters.ImageId, base.split(' ')[0]);
  t.is(launched?.parameters.InstanceInitiatedShutdownBehavior, 'terminate');
  t.is(launched?.parameters['BlockDeviceMapping.1.Ebs.Encrypted'], 'true');
  t.is(launched?.parameters['BlockDeviceMapping.1.DeviceName'], '/dev/xvda');
}

async function checkSecondBake(
  t: ExecutionContext,
  { moto, args, id }: { moto: Moto; args: readonly string[]; id: string },
): Promise<void> {
  const before = (await moto.requests()).length;
  const again = await bake([...args, '--json'], { env: moto.env });
  t.is(again.exitCode, 0, again.stderr);
  t.like(JSON.parse(again.stdout), { ami: id, unchanged: true, region: 'us-east-1' });
  t.regex(again.stderr, /Nothing changed: /);
  const asked = (await moto.requests()).slice(before).map(({ action }) => action);
  t.deepEqual([...new Set(asked)], ['ec2:DescribeImages']);
  const listed = await bake(['list', 'images', '--out', args.at(-1) ?? '']);
  t.true(listed.stdout.includes(`${id} in us-east-1`), listed.stdout);
}

/** Names of users and groups as the image itself knows them. */
async function readOwners(tree: string): Promise<(entry: TreeEntry) => string> {
  const read = async (file: string): Promise<Map<string, string>> => {
    const lines = (await readFile(path.join(tree, 'etc', file), 'utf8')).trimEnd().split('\n');
    return new Map(lines.map((line) => line.split(':')).map(([name = '', , id = '']) => [id, name]));
  };
  const [users, groups] = [await read('passwd'), await read('group')];
  return ({ uid, gid }) => `${users.get(String(uid))}:${groups.get(String(gid))}`;
}

function matches(
  file: PlannedFile,
  entry: TreeEntry | undefined,
  ownerOf: (entry: TreeEntry) => string,
): boolean {
  if (entry === undefined || entry.type !== file.type) return false;
  if (file.type === 'link') return entry.target === file.target;
  if (Number.parseInt(entry.mode, 8) !== Number.parseInt(file.mode, 8)) return false;
  if (ownerOf(entry) !== file.owner) return false;
  if (file.type === 'directory' || 'artifact' in file) return true;
  return entry.sha256 === createHash('sha256').update(file.content).digest('hex');
}
