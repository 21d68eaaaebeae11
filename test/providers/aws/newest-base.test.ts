import type { Image } from '@aws-sdk/client-ec2';
import test from 'ava';
import { loadOs } from '../../../src/catalog/load-catalog.js';
import { checkBase, findNewestBase } from '../../../src/providers/aws/newest-base.js';
import { type Answers, awsError, recordedApi } from './recorder.js';

const DEBIAN = '136693071363';
const os = loadOs('debian12');

function image(changes: Partial<Image> = {}): Image {
  return {
    ImageId: 'ami-00000000000000001',
    Name: 'debian-12-amd64-20261101-2000',
    OwnerId: DEBIAN,
    State: 'available',
    Architecture: 'x86_64',
    RootDeviceType: 'ebs',
    RootDeviceName: '/dev/xvda',
    BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 8 } }],
    CreationDate: '2026-11-01T10:00:00.000Z',
    ...changes,
  };
}

function answering(...Images: Image[]): Answers {
  return { 'ec2:DescribeImages': () => ({ Images }) };
}

async function newestOf(...images: Image[]): Promise<string | undefined> {
  const { api } = recordedApi(answering(...images));
  return (await findNewestBase({ api, os, arch: 'amd64' }))?.base.id;
}

test('the newest of the distribution’s own account, with what a bake must know of it', async (t) => {
  const older = image({ ImageId: 'ami-0000000000000000f', CreationDate: '2026-10-31T23:59:59.000Z' });
  const { api, calls } = recordedApi(answering(older, image(), older));
  t.deepEqual(await findNewestBase({ api, os, arch: 'amd64' }), {
    base: {
      kind: 'ami',
      owner: DEBIAN,
      name: 'debian-12-amd64-20261101-2000',
      region: 'eu-west-1',
      id: 'ami-00000000000000001',
      source: `ec2:DescribeImages of account ${DEBIAN}`,
    },
    rootDeviceName: '/dev/xvda',
    rootGibibytes: 8,
  });
  t.is(calls.length, 1);
  t.like(calls[0]?.input, { Owners: [DEBIAN], IncludeDeprecated: false });
  const { Filters } = (calls[0]?.input ?? {}) as { Filters?: { Name: string; Values: string[] }[] };
  t.deepEqual(Object.fromEntries((Filters ?? []).map(({ Name, Values }) => [Name, Values])), {
    name: ['debian-12-amd64-*'],
    architecture: ['x86_64'],
    'root-device-type': ['ebs'],
    'virtualization-type': ['hvm'],
    state: ['available'],
  });
});

const newer = { ImageId: 'ami-00000000000000002', CreationDate: '2026-11-20T10:00:00.000Z' };
const notTaken: [string, Partial<Image>][] = [
  ['another account’s', { OwnerId: '999999999999' }],
  ['pending', { State: 'pending' }],
  ['deprecated', { DeprecationTime: '2026-11-21T00:00:00.000Z' }],
];
for (const [what, changes] of notTaken) {
  test(`a newer one that is ${what} is not taken, even if AWS lists it`, async (t) => {
    t.is(await newestOf(image(), image({ ...newer, ...changes })), 'ami-00000000000000001');
  });
}

test('one that will be deprecated later is taken; of two equally old ones always the same', async (t) => {
  const later = image({ ...newer, DeprecationTime: '2999-01-01T00:00:00.000Z' });
  t.is(await newestOf(image(), later), newer.ImageId);
  const twin = image({ ImageId: 'ami-00000000000000003' });
  t.is(await newestOf(image(), twin), await newestOf(twin, image()));
});

test('all pages are asked for', async (t) => {
  const { api } = recordedApi({
    'ec2:DescribeImages': ({ NextToken }) =>
      NextToken === 'more' ? { Images: [image(newer)] } : { Images: [image()], NextToken: 'more' },
  });
  t.is((await findNewestBase({ api, os, arch: 'amd64' }))?.base.id, newer.ImageId);
});

test('centos7: deprecated ones count, as there are no others', async (t) => {
  const centos = loadOs('centos7');
  const old = image({
    Name: 'CentOS Linux 7 x86_64 - 2211',
    OwnerId: centos.ami.owner,
    DeprecationTime: '2024-11-01T00:00:00.000Z',
  });
  const { api, calls } = recordedApi(answering(old));
  t.is((await findNewestBase({ api, os: centos, arch: 'amd64' }))?.base.name, old.Name);
  t.like(calls[0]?.input, { Owners: [centos.ami.owner], IncludeDeprecated: true });
});

test('none at all says whose and where, and the mend', async (t) => {
  const { api } = recordedApi(answering());
  const error = await t.throwsAsync(findNewestBase({ api, os, arch: 'amd64' }), {
    code: 'BASE_UNREACHABLE',
    message: `Account ${DEBIAN} has no AMI named debian-12-amd64-* for amd64 in eu-west-1`,
  });
  t.regex(String((error as { hint?: string }).hint), /--region/);
});

test('an architecture without AMIs is refused before AWS is asked', async (t) => {
  const { api, calls } = recordedApi(answering());
  await t.throwsAsync(findNewestBase({ api, os: loadOs('centos7'), arch: 'arm64' }), {
    code: 'PAIR_REFUSED',
    message: 'There is no AMI of CentOS Linux 7 for arm64',
  });
  t.deepEqual(calls, []);
});

test('a dry run asks nothing', async (t) => {
  const { api, calls } = recordedApi(answering(image()), { dryRun: true });
  t.is(await findNewestBase({ api, os, arch: 'amd64' }), undefined);
  t.is(await checkBase({ api, os, arch: 'amd64', id: 'ami-1', owner: DEBIAN }), undefined);
  t.deepEqual(calls, []);
});

const id = 'ami-00000000000000001';
const question = { os, arch: 'amd64', id, owner: DEBIAN } as const;

test('one that is named is asked for by its id, and taken as it is', async (t) => {
  const { api, calls } = recordedApi(answering(image({ DeprecationTime: '2026-01-01T00:00:00.000Z' })));
  t.is((await checkBase({ api, ...question }))?.base.id, id);
  t.deepEqual(calls, [{ name: 'ec2:DescribeImages', input: { ImageIds: [id] } }]);
});

const refused: [string, Image[], RegExp, string][] = [
  ['gone', [], /is not in eu-west-1, or this account may not use it/, 'BASE_UNREACHABLE'],
  ['failed', [image({ State: 'failed' })], /it is failed/, 'BASE_UNREACHABLE'],
  ['arm64', [image({ Architecture: 'arm64' })], /it is for arm64, not x86_64/, 'BASE_UNREACHABLE'],
  ['in memory', [image({ RootDeviceType: 'instance-store' })], /not EBS/, 'BASE_UNREACHABLE'],
  ['a stranger’s', [image({ OwnerId: '999999999999' })], /belongs to account 999999999999, not/, 'USAGE'],
];
for (const [what, images, message, code] of refused) {
  test(`one that is ${what} is refused`, async (t) => {
    const { api } = recordedApi(answering(...images));
    await t.throwsAsync(checkBase({ api, ...question }), { code, message });
  });
}

test('an id AWS does not know is a base that is gone, every other no is passed on', async (t) => {
  const throwing = (code: string): Answers => ({
    'ec2:DescribeImages': () => {
      throw awsError(code);
    },
  });
  const gone = recordedApi(throwing('InvalidAMIID.NotFound'));
  await t.throwsAsync(checkBase({ api: gone.api, ...question }), { code: 'BASE_UNREACHABLE' });
  const denied = recordedApi(throwing('UnauthorizedOperation'));
  await t.throwsAsync(checkBase({ api: denied.api, ...question }), { message: 'UnauthorizedOperation' });
});

test('whoever takes a stranger’s upon himself gets it, with its owner on record', async (t) => {
  const { api } = recordedApi(answering(image({ OwnerId: '999999999999' })));
  const base = await checkBase({ api, ...question, owner: undefined });
  t.is(base?.base.owner, '999999999999');
});
