import test from 'ava';
import { KilnError } from '../../../src/errors.js';
import { CHECKSUMS, createPublisher, DIGEST, IMAGE, LISTING, publishKubernetes } from '../publisher.js';

test('the newest official image: newest folder, newest name, digest from its checksum file', async (t) => {
  const publisher = createPublisher();
  publisher.publish(
    LISTING,
    '<a href="8.10/">8.10/</a> <a href="9.8/">9.8/</a> <a href="9.10/">9.10/</a> <a href="9.7/">',
  );
  const names = [
    IMAGE('9.10-20261101.0'),
    IMAGE('9.10-20261110.0'),
    'Rocky-9-GenericCloud-LVM-9.10-20261112.0.x86_64.qcow2',
  ];
  publisher.publish(
    CHECKSUMS('9.10'),
    names
      .map((name, index) => `# ${name}: 1 bytes\nSHA256 (${name}) = ${DIGEST(String(index + 1))}\n`)
      .join(''),
  );
  const result = await publisher.update();
  const url = `https://dl.rockylinux.org/pub/rocky/9.10/images/x86_64/${names[1]}`;
  t.deepEqual(publisher.lock().base, {
    kind: 'disk',
    url,
    digest: `sha256:${DIGEST('2')}`,
    source: CHECKSUMS('9.10'),
  });
  t.deepEqual(result.changes, [
    {
      name: 'base',
      before: IMAGE('9.8-20260525.0'),
      after: names[1] ?? '',
      reason: 'newest image of Rocky Linux 9',
    },
  ]);
  const again = await publisher.update();
  t.false(again.changed);
  t.is(again.kept.find(({ name }) => name === 'base')?.reason, 'is the newest image');
});

test('an official image whose digest changed is refused', async (t) => {
  const publisher = createPublisher();
  publisher.publish(LISTING, '<a href="9.8/">');
  publisher.publish(CHECKSUMS('9.8'), `SHA256 (${IMAGE('9.8-20260525.0')}) = ${DIGEST('a')}\n`);
  const error = await t.throwsAsync(publisher.update(), { instanceOf: KilnError });
  t.is(error.code, 'DIGEST_CHANGED');
  t.regex(error.message, new RegExp(`published sha256:${DIGEST('a')}`));
});

test('an older image than the lock’s is not newer', async (t) => {
  const publisher = createPublisher();
  publisher.publish(LISTING, '<a href="9.6/">');
  publisher.publish(CHECKSUMS('9.6'), `SHA256 (${IMAGE('9.6-20250601.0')}) = ${DIGEST('a')}\n`);
  t.false((await publisher.update()).changed);
});

const NOBLE = 'https://cloud-images.ubuntu.com/releases/noble/';
const SERVER = 'ubuntu-24.04-server-cloudimg-amd64.img';

test('a respin of Ubuntu’s image is newer than what it is a respin of', async (t) => {
  const publisher = createPublisher({ os: 'ubuntu2404' });
  publisher.publish(NOBLE, '<a href="release-20260705.1/"> <a href="release-20260705/"> <a href="release/">');
  publisher.publish(`${NOBLE}release-20260705.1/SHA256SUMS`, `${DIGEST('a')} *${SERVER}\n`);
  const { changes } = await publisher.update();
  t.is(changes[0]?.name, 'base');
  t.like(publisher.lock().base, {
    url: `${NOBLE}release-20260705.1/${SERVER}`,
    digest: `sha256:${DIGEST('a')}`,
  });
  t.false((await publisher.update()).changed);
  publisher.publish(NOBLE, '<a href="release-20260705/">');
  publisher.publish(`${NOBLE}release-20260705/SHA256SUMS`, `${DIGEST('b')} *${SERVER}\n`);
  t.false((await publisher.update()).changed, 'a respin that was taken back is no reason to go back');
});

test('a base image keeps what else its entry says', async (t) => {
  const publisher = createPublisher({
    os: 'ubuntu2404',
    change: (lock) => ({
      ...lock,
      base: { kind: 'disk', url: `${NOBLE}release-20260101/${SERVER}`, suite: 'noble', source: 'mine' },
    }),
  });
  publisher.publish(NOBLE, '<a href="release-20260705.1/">');
  publisher.publish(`${NOBLE}release-20260705.1/SHA256SUMS`, `${DIGEST('a')} *${SERVER}\n`);
  t.true((await publisher.update()).written);
  t.deepEqual(publisher.lock().base, {
    kind: 'disk',
    url: `${NOBLE}release-20260705.1/${SERVER}`,
    suite: 'noble',
    digest: `sha256:${DIGEST('a')}`,
    source: `${NOBLE}release-20260705.1/SHA256SUMS`,
  });
});

test('an image of one’s own stays', async (t) => {
  const base = { kind: 'disk', url: 'https://images.example.test/9.img', source: 'mine' } as const;
  const publisher = createPublisher({ change: (lock) => ({ ...lock, base }) });
  publishKubernetes(publisher);
  const { kept } = await publisher.update();
  t.is(kept.find(({ name }) => name === 'base')?.reason, 'is none of the images its publisher lists');
  t.deepEqual(publisher.lock().base, base);
});

test('an archive that nobody known signed is refused', async (t) => {
  const publisher = createPublisher({ os: 'debian12', change: (lock) => ({ ...lock, source: 'debian' }) });
  const before = publisher.text();
  const url = 'http://deb.debian.org/debian/dists/bookworm/InRelease';
  publisher.publish(
    url,
    `Date: Fri, 20 Nov 2026 02:11:10 UTC\nSHA256:\n ${DIGEST('a')} 1 main/binary-amd64/Packages\n`,
  );
  const error = await t.throwsAsync(publisher.update({ baseKind: 'archive' }), { instanceOf: KilnError });
  t.is(error.code, 'UPDATE_FAILED');
  t.regex(error.message, new RegExp(`^The signature of ${url} is not good`));
  t.is(publisher.text(), before);
});
