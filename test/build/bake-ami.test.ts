import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Image } from '@aws-sdk/client-ec2';
import test, { type ExecutionContext } from 'ava';
import { bakeAmi } from '../../src/build/bake-ami.js';
import { openAmi } from '../../src/build/image-folder.js';
import { resolveBuilderSettings } from '../../src/build/packer/builder-settings.js';
import type { Gate } from '../../src/gate/gate.js';
import type { Lock } from '../../src/lock/lock.js';
import { resolveLock } from '../../src/lock/resolve-lock.js';
import { createPlan } from '../../src/plan/plan.js';
import type { AmiBase } from '../../src/plan/types.js';
import { silentProgress } from '../../src/progress.js';
import type { AwsApi } from '../../src/providers/aws/api.js';
import { specOf } from '../helpers/plans.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { recordedApi } from '../providers/aws/recorder.js';

const spec = specOf('debian12');
const lock = resolveLock(spec);
const OWNER = '136693071363';
const newest = baseImage('ami-0000000000000002b', '2026-11-01T00:00:00.000Z');
const older = baseImage('ami-0000000000000001a', '2026-01-01T00:00:00.000Z');

function baseImage(ImageId: string, CreationDate: string): Image {
  return {
    ImageId,
    CreationDate,
    Name: `debian-12-amd64-${CreationDate.slice(0, 10)}`,
    OwnerId: OWNER,
    State: 'available',
    Architecture: 'x86_64',
    RootDeviceName: '/dev/xvda',
  };
}

function baseOf({ ImageId: id = '', Name: name = '' }: Image, region = 'eu-west-1'): AmiBase {
  return { kind: 'ami', owner: OWNER, name, region, id, source: `ec2:DescribeImages of account ${OWNER}` };
}

/** An account where the AMI of a plan with this base is there already, so that no builder is needed. */
function accountWith(base: Image) {
  const plan = createPlan(spec, { ...lock, base: baseOf(base) });
  return recordedApi({
    'ec2:DescribeImages': ({ Owners = [], ImageIds, Filters = [] }) => {
      if (ImageIds !== undefined)
        return { Images: [newest, older].filter(({ ImageId = '' }) => ImageIds.includes(ImageId)) };
      if (!Owners.includes('self')) return { Images: [newest, older] };
      const [wanted = ''] = Filters[0]?.Values ?? [];
      if (!wanted.endsWith(plan.id.slice('sha256:'.length, 'sha256:'.length + 12))) return { Images: [] };
      const tags = [{ Key: 'kiln:image-id', Value: plan.id }];
      return { Images: [{ ImageId: 'ami-000000ff', State: 'available', Tags: tags }] };
    },
  });
}

function bake(
  { api, gate }: { api: AwsApi; gate: Gate },
  out: string,
  options: { lock?: Lock; base?: string } = {},
) {
  const settings = resolveBuilderSettings({
    flags: { region: 'eu-west-1', adminCidr: ['203.0.113.7/32'] },
    environment: {},
  });
  return bakeAmi({ gate, progress: silentProgress, api, spec, lock, settings, out, ...options });
}

async function bakedFrom(t: ExecutionContext, base: Image, options: { lock?: Lock; base?: string }) {
  const out = temporaryFolder();
  const result = await bake(accountWith(base), out, options);
  t.like(result, { ami: 'ami-000000ff', base: base.ImageId, unchanged: true });
  return result;
}

test('the base is the newest, else the lock’s for the region, else the one asked for; the image id says which', async (t) => {
  const free = await bakedFrom(t, newest, {});
  const locked = await bakedFrom(t, older, { lock: { ...lock, base: baseOf(older) } });
  t.not(locked?.imageId, free?.imageId);
  await bakedFrom(t, newest, { lock: { ...lock, base: baseOf(older, 'us-east-1') } });
  await bakedFrom(t, newest, {
    lock: { ...lock, base: { kind: 'disk', url: 'https://example.org/disk', source: 'here' } },
  });
  const asked = await bakedFrom(t, older, {
    lock: { ...lock, base: baseOf(newest) },
    base: older.ImageId ?? '',
  });
  t.is(asked?.imageId, locked?.imageId);
});

test('an AMI that is there already gets its folder again, and is built no second time', async (t) => {
  const out = temporaryFolder();
  const account = accountWith(newest);
  const result = await bake(account, out);
  const image = await openAmi(result?.folder ?? '');
  t.is(
    path.basename(image.folder),
    `debian12-${spec.kubernetes}-flannel-amd64-aws-${image.plan.id.slice(7, 15)}`,
  );
  t.deepEqual(image.ami, { version: 1, amis: { 'eu-west-1': 'ami-000000ff' }, base: baseOf(newest) });
  t.deepEqual(image.manifest.lock.base, baseOf(newest));
  t.deepEqual(image.plan.base, baseOf(newest));
  t.deepEqual(await bake(account, out), result);
  t.deepEqual(await readdir(out), [path.basename(image.folder)]);
  t.deepEqual(
    account.gate.actions.filter(({ verb }) => verb !== 'write'),
    [],
  );
});

test('a lock whose base is gone fails, instead of taking another', async (t) => {
  const gone = { ...lock, base: { ...baseOf(older), id: 'ami-00000000000000dead' } };
  const out = temporaryFolder();
  await t.throwsAsync(bake(accountWith(newest), out, { lock: gone }), {
    code: 'BASE_UNREACHABLE',
    message: /ami-00000000000000dead cannot be used: it is not in eu-west-1/,
  });
  t.deepEqual(await readdir(out), []);
});

test('a dry run asks AWS nothing and writes nothing; a base in the lock is shown', async (t) => {
  const out = path.join(temporaryFolder(), 'out');
  const account = recordedApi({}, { dryRun: true });
  const locked = { ...lock, base: baseOf(older) };
  t.is(await bake(account, out, { lock: locked }), undefined);
  t.deepEqual(account.calls, []);
  t.false(existsSync(out));
  const { actions } = account.gate;
  const packer = actions.find(({ target }) => target.startsWith('packer build'));
  t.like(packer?.parameters, { region: 'eu-west-1', source_ami: older.ImageId });
  const { id } = createPlan(spec, locked);
  t.true(actions.at(-1)?.target.endsWith(`-aws-${id.slice(7, 15)}`));
});
