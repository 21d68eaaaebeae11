import test from 'ava';
import { compareImages, officialImage } from '../../../src/update/base/official-image.js';

const UBUNTU = 'https://cloud-images.ubuntu.com/releases/noble';
const ALMA = 'https://repo.almalinux.org/almalinux';

test('an official image is of one OS and architecture', (t) => {
  const url = `${UBUNTU}/release-20260705.1/ubuntu-24.04-server-cloudimg-amd64.img`;
  const parts = { folder: 'release-20260705.1', file: 'ubuntu-24.04-server-cloudimg-amd64.img' };
  t.deepEqual(officialImage(url, 'ubuntu2404', 'amd64'), parts);
  t.is(officialImage(url, 'ubuntu2404', 'arm64'), undefined);
  t.is(officialImage(url, 'ubuntu2204', 'amd64'), undefined);
  t.is(officialImage(url, 'centos7', 'amd64'), undefined);
  t.is(officialImage(url.replace('cloud-images.', 'cloud-images-'), 'ubuntu2404', 'amd64'), undefined);
});

test('newer is what is in a newer folder, then what has the newer name', (t) => {
  const alma = (release: string, serial: string) =>
    officialImage(
      `${ALMA}/${release}/cloud/x86_64/images/AlmaLinux-9-GenericCloud-${release}-${serial}.x86_64.qcow2`,
      'almalinux9',
      'amd64',
    );
  const order = [
    alma('9.8', '20260526'),
    alma('9.8', '20260526.1'),
    alma('9.8', '20260601'),
    alma('9.10', '20260101'),
  ].flatMap((image) => image ?? []);
  t.is(order.length, 4);
  for (const [index, image] of order.entries())
    t.deepEqual(
      order.map((other) => Math.sign(compareImages(image, other))),
      order.map((_, place) => Math.sign(index - place)),
    );
});
