import test from 'ava';
import type { MachineDisk } from '../../../src/boot/rig.js';
import { machineCommand } from '../../../src/boot/uml/start-user-mode-linux.js';

const COPY: MachineDisk = { file: '/x/copy.qcow2', format: 'qcow2', readOnly: false };

/** The place, kind and two further words of the only disk. */
function placed(disk: MachineDisk): string[] {
  const kernel = { root: '/root', release: '1', packages: [] };
  const words = machineCommand({ folder: '/x', disks: [disk], kernel, command: ['linux.uml'] });
  const start = words.indexOf('/x/disk-0');
  return words.slice(start, start + 4);
}

test('flushes of the guest count only on a disk that is kept, in both layers of it', (t) => {
  for (const [kept, noFlush] of [
    [undefined, true],
    [false, true],
    [true, false],
  ] as const) {
    const [, kind, blockdev = ''] = placed(kept === undefined ? COPY : { ...COPY, kept });
    t.is(kind, 'serve');
    t.deepEqual(JSON.parse(blockdev), {
      driver: 'qcow2',
      'node-name': 'disk',
      'read-only': false,
      cache: { 'no-flush': noFlush },
      file: { driver: 'file', filename: '/x/copy.qcow2', cache: { 'no-flush': noFlush } },
    });
  }
});

test('a raw disk is used as it is', (t) => {
  const disk: MachineDisk = { file: '/x/seed.img', format: 'raw', readOnly: true };
  t.deepEqual(placed(disk), ['/x/disk-0', 'file', '/x/seed.img', '']);
});
