import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { loadOs } from '../../../src/catalog/load-catalog.js';
import { createGate } from '../../../src/gate/gate.js';
import { createAsker } from '../../../src/update/asker.js';
import { updateAmi } from '../../../src/update/base/ami.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { useEnvironment } from '../../providers/aws/a-launch.js';
import type { Image } from '../../providers/aws/fake/account.js';
import { startFakeAws } from '../../providers/aws/fake/start-fake-aws.js';
import { createPublisher } from '../publisher.js';

const DEBIAN = '136693071363';
const NO_REGION = {
  AWS_REGION: '',
  AWS_DEFAULT_REGION: '',
  AWS_PROFILE: '',
  AWS_CONFIG_FILE: '/nonexistent',
};

/** A Debian 12 lock whose artifacts nobody has to be asked about, so that only AWS is. */
function debianLock() {
  return createPublisher({ os: 'debian12', change: (lock) => ({ ...lock, source: 'debian' }) });
}

function debianImage(id: string, owner: string, day: string): Image {
  return {
    id,
    name: `debian-12-amd64-${day.replaceAll('-', '')}-2000`,
    owner,
    tags: {},
    architecture: 'x86_64',
    state: 'available',
    rootDevice: '/dev/xvda',
    sizeGiB: 8,
    created: `${day}T00:00:00.000Z`,
  };
}

test.serial(
  'the newest AMI of the distribution’s account is recorded, and again when there is a newer one',
  async (t) => {
    const aws = await startFakeAws(t);
    useEnvironment(t, aws.env);
    const add = (id: string, owner: string, day: string) =>
      aws.account.images.set(id, debianImage(id, owner, day));
    add('ami-00000000000000001', DEBIAN, '2026-11-01');
    add('ami-000000000000000ee', '999999999999', '2026-11-21');
    const publisher = debianLock();
    const options = { baseKind: 'ami', region: aws.account.region, offline: false } as const;
    const first = await publisher.update(options);
    t.true(first.written);
    t.like(publisher.lock().base, {
      kind: 'ami',
      owner: DEBIAN,
      id: 'ami-00000000000000001',
      region: aws.account.region,
    });
    t.deepEqual(first.unanswered, []);
    t.false((await publisher.update(options)).changed);
    add('ami-00000000000000002', DEBIAN, '2026-11-08');
    const { changes } = await publisher.update({ offline: false });
    t.deepEqual(changes, [
      {
        name: 'base',
        before: 'ami-00000000000000001 debian-12-amd64-20261101-2000',
        after: 'ami-00000000000000002 debian-12-amd64-20261108-2000',
        reason: `newest AMI of account ${DEBIAN} in ${aws.account.region}`,
      },
    ]);
    t.true(publisher.text().includes('  id: ami-00000000000000002\n'));
  },
);

test.serial('without a region, or offline, AWS is not asked, and it is said so', async (t) => {
  useEnvironment(t, NO_REGION);
  for (const [options, reason] of [
    [{ offline: false }, 'no region: give --region'],
    [{ offline: true, region: 'eu-central-1' }, 'offline'],
  ] as const) {
    const error = await t.throwsAsync(debianLock().update({ baseKind: 'ami', ...options }), {
      name: 'KilnError',
    });
    t.is(
      error.message,
      `Nothing could be asked; the lock stays as it is:\n  base: ${reason}\n    ec2:DescribeImages`,
    );
  }
});

test.serial('where no variable says the region, the profile does', async (t) => {
  const aws = await startFakeAws(t);
  const file = path.join(temporaryFolder(), 'config');
  writeFileSync(file, '[default]\nregion = eu-north-1\n');
  useEnvironment(t, { ...aws.env, ...NO_REGION, AWS_CONFIG_FILE: file });
  aws.account.images.set('ami-00000000000000001', debianImage('ami-00000000000000001', DEBIAN, '2026-11-01'));
  const publisher = debianLock();
  await publisher.update({ baseKind: 'ami', offline: false });
  t.like(publisher.lock().base, { kind: 'ami', region: 'eu-north-1' });
});

test.serial('AWS’s answer is one, where nobody else gave any', async (t) => {
  const aws = await startFakeAws(t);
  useEnvironment(t, aws.env);
  aws.account.images.set('ami-00000000000000001', debianImage('ami-00000000000000001', DEBIAN, '2026-11-01'));
  const gate = createGate({});
  const asker = createAsker({ gate });
  asker.note({ about: 'runc', url: 'https://example.test/SHA256SUMS', reason: 'not found' });
  const question = {
    gate,
    asker,
    os: loadOs('debian12'),
    arch: 'amd64',
    region: aws.account.region,
  } as const;
  t.is((await updateAmi(question, undefined)).base?.kind, 'ami');
  t.false(asker.isUnheard);
});

test.serial('what AWS refuses is told, and the rest goes on', async (t) => {
  const aws = await startFakeAws(t);
  useEnvironment(t, aws.env);
  aws.refuse('ec2:DescribeImages', {
    code: 'UnauthorizedOperation',
    message: 'You are not authorized',
    status: 403,
  });
  const publisher = debianLock();
  const error = await t.throwsAsync(
    publisher.update({ baseKind: 'ami', region: aws.account.region, offline: false }),
    {
      name: 'KilnError',
    },
  );
  t.regex(error.message, /base: .*DescribeImages/s);
});
