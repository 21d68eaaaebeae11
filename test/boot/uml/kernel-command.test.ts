import test from 'ava';
import { kernelCommand, ubdName } from '../../../src/boot/uml/kernel-command.js';

function command(kernelArguments: readonly string[] = []): string[] {
  return kernelCommand({
    name: 'one',
    folder: '/machine',
    disks: [
      { file: '/x/copy.qcow2', format: 'qcow2', readOnly: false },
      { file: '/x/seed.img', format: 'raw', readOnly: true },
    ],
    memoryMiB: 512,
    mac: '52:54:00:00:00:01',
    root: '/dev/ubda2',
    kernelArguments,
  });
}

test('disks keep their order, and those that must not be written to are read-only', (t) => {
  const words = command();
  t.true(words.includes('ubda=/machine/disk-0'));
  t.true(words.includes('ubdbr=/machine/disk-1'));
  t.is(ubdName(2), 'ubdc');
  t.throws(() => ubdName(16), { instanceOf: RangeError });
});

test('what runs before init reaches the shell in one piece', (t) => {
  const words = command();
  // The kernel joins its words and splits them again at spaces outside quotation marks.
  const joined = words.slice(words.indexOf('--')).join(' ');
  t.deepEqual(joined.match(/"[^"]*"|\S+/g)?.slice(0, 2), ['--', '-c']);
  t.regex(joined, /^-- -c "[^"]*exec env -i HOME=\/ TERM=linux \/sbin\/init"$/);
});

test("the image's own arguments come in, its console does not get in the way of the rig's", (t) => {
  const words = command(['systemd.swap=no', 'console=tty0']);
  t.true(words.includes('systemd.swap=no'));
  t.is(
    words.findLast((word) => word.startsWith('console=')),
    'console=ttyS0',
  );
});

test('an argument that would fall apart is refused', (t) => {
  for (const argument of ['a="b c"', 'a b', '']) {
    t.throws(() => command([argument]), { code: 'IMAGE_INVALID' }, argument);
  }
});

test('no address makes cloud-init read the kernel’s command line as its own', (t) => {
  const words = kernelCommand({
    name: 'one',
    folder: '/machine',
    disks: [],
    memoryMiB: 512,
    mac: '52:54:00:1a:cc:01',
    root: '/dev/ubda2',
    kernelArguments: [],
  });
  t.false(words.join(' ').includes('cc:'));
  t.true(words.join(' ').includes('mac=52:54:00:1A:CC:01'));
});
