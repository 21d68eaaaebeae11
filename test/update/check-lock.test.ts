import test from 'ava';
import { listOs, loadOs } from '../../src/catalog/load-catalog.js';
import { KilnError } from '../../src/errors.js';
import type { Lock } from '../../src/lock/lock.js';
import { resolveLock } from '../../src/lock/resolve-lock.js';
import { checkLock } from '../../src/update/check-lock.js';
import { specOf } from '../helpers/plans.js';

const ARCHIVE = { kind: 'archive', url: 'http://deb.debian.org/debian', source: 'x' } as const;
const AMI = { kind: 'ami', region: 'eu-central-1', id: 'ami-0123456789abcdef0', source: 'x' } as const;
const DEBIAN_ACCOUNT = loadOs('debian12').ami.owner;

function problem(os: string, base: Lock['base'], arch: 'amd64' | 'arm64' = 'amd64'): string | undefined {
  const lock = resolveLock(specOf('debian12', { arch }));
  if (base !== undefined) lock.base = base;
  try {
    checkLock({ lock, os, arch, file: 'deb12.yaml' });
    return undefined;
  } catch (error) {
    if (!(error instanceof KilnError) || error.code !== 'USAGE') throw error;
    return error.message;
  }
}

function disk(url: string): Lock['base'] {
  return { kind: 'disk', url, source: 'x' };
}

test('every official image is of its own OS and of no other', (t) => {
  for (const owner of listOs()) {
    for (const { url, arch } of loadOs(owner).images) {
      for (const os of listOs().filter((name) => loadOs(name).arches.includes(arch))) {
        const found = problem(os, disk(url), arch);
        if (os === owner) t.is(found, undefined, url);
        else t.regex(found ?? '', /^The base in deb12\.yaml is not of .*: https:\S+ is an image of /, url);
      }
    }
  }
});

test('a newer image is of its publisher’s OS, a page of the publisher’s too, and one’s own of any', (t) => {
  const newer =
    'https://cloud.debian.org/images/cloud/bookworm/20261101-2600/debian-12-genericcloud-amd64-20261101-2600.qcow2';
  t.is(problem('debian12', disk(newer)), undefined);
  t.is(
    problem('ubuntu2404', disk(newer)),
    `The base in deb12.yaml is not of Ubuntu 24.04 LTS for amd64: ${newer} is an image of Debian 12 (bookworm) for amd64`
      .replace('Debian 12 (bookworm)', loadOs('debian12').title)
      .replace('Ubuntu 24.04 LTS', loadOs('ubuntu2404').title),
  );
  t.regex(problem('debian12', disk(newer.replaceAll('amd64', 'arm64'))) ?? '', /for arm64$/);
  const daily =
    'https://cloud.debian.org/images/cloud/bookworm/daily/latest/debian-12-generic-amd64-daily.qcow2';
  t.is(problem('debian12', disk(daily)), undefined);
  t.regex(problem('debian13', disk(daily)) ?? '', /is published for Debian/);
  const own = 'https://images.example.test/ours.qcow2';
  for (const os of ['debian12', 'ubuntu2404', 'al2023']) t.is(problem(os, disk(own)), undefined);
});

test('an archive is of the OS with its codename', (t) => {
  t.is(problem('debian12', { ...ARCHIVE, suite: 'bookworm' }), undefined);
  t.regex(problem('debian13', { ...ARCHIVE, suite: 'bookworm' }) ?? '', /its suite is bookworm$/);
  const parts = (...suites: string[]) => [{ url: ARCHIVE.url, suites, components: ['main'] }];
  t.is(problem('debian12', { ...ARCHIVE, archives: parts('bookworm-updates', 'ours') }), undefined);
  const other = problem('debian13', { ...ARCHIVE, archives: parts('bookworm', 'bookworm-updates') });
  t.regex(other ?? '', /its suites are bookworm, bookworm-updates$/);
  t.regex(problem('rocky9', { ...ARCHIVE, suite: 'bookworm' }) ?? '', /its suite is bookworm$/);
});

test('an AMI is of the OS whose search finds it', (t) => {
  const ami = { ...AMI, owner: DEBIAN_ACCOUNT, name: 'debian-12-amd64-20261101-2600' };
  t.is(problem('debian12', ami), undefined);
  t.regex(problem('debian13', ami) ?? '', /is an AMI of Debian/);
  t.regex(problem('ubuntu2404', ami) ?? '', /is an AMI of Debian/);
  t.regex(
    problem('ubuntu2404', { ...ami, name: 'something' }) ?? '',
    /account 136693071363 publishes Debian/,
  );
  t.is(problem('debian12', { ...ami, name: 'something' }), undefined);
  t.is(problem('debian12', { ...ami, owner: '111111111111' }), undefined);
});

test('a lock of one architecture is not one of another', (t) => {
  const lock = resolveLock(specOf('debian12'));
  t.throws(() => checkLock({ lock, os: 'debian12', arch: 'arm64', file: 'kiln.lock.yaml' }), {
    instanceOf: KilnError,
    code: 'USAGE',
    message: 'kiln.lock.yaml has no artifact for arm64, only for amd64',
  });
  t.notThrows(() =>
    checkLock({ lock: { ...lock, artifacts: [] }, os: 'debian12', arch: 'arm64', file: 'x' }),
  );
});
