import test from 'ava';
import { compareDebianVersions } from '../../src/update/compare-debian-versions.js';

test('orders versions as dpkg does', (t) => {
  // Oldest first; `dpkg --compare-versions` agrees with each pair of neighbours.
  const order = [
    '1.0~~',
    '1.0~rc1-1',
    '1.0',
    '1.0-1',
    '1.0-1+b3',
    '1.0-1+deb12u1',
    '1.0-1+deb12u2',
    '1.0-1+deb12u10',
    '1.0a-1',
    '1.0+ds1-1',
    '1.0.1-1',
    '1.10-1',
    '1.20.5+really1.20.2-1.1',
    '1.20.5+really1.20.2-1.1+deb12u1',
    '1:0.1-1',
  ];
  for (const [index, version] of order.entries())
    t.deepEqual(
      order.map((other) => compareDebianVersions(version, other)),
      order.map((_, place) => Math.sign(index - place)),
      version,
    );
});
