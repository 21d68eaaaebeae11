import test from 'ava';
import { parseLoaderEntry } from '../../../../src/test-image/disk/formats/loader-entry.js';

test('an entry of Rocky Linux', (t) => {
  const text = `title Rocky Linux (5.14.0-503.el9.x86_64) 9.5
version 5.14.0-503.el9.x86_64
linux /vmlinuz-5.14.0-503.el9.x86_64
initrd /initramfs-5.14.0-503.el9.x86_64.img $tuned_initrd
options root=UUID=1b  console=ttyS0,115200n8 no_timer_check
grub_class rocky
`;
  t.deepEqual(parseLoaderEntry(text), {
    title: 'Rocky Linux (5.14.0-503.el9.x86_64) 9.5',
    version: '5.14.0-503.el9.x86_64',
    kernel: '/vmlinuz-5.14.0-503.el9.x86_64',
    initrds: ['/initramfs-5.14.0-503.el9.x86_64.img', '$tuned_initrd'],
    arguments: ['root=UUID=1b', 'console=ttyS0,115200n8', 'no_timer_check'],
  });
});

test('several options lines are one, several initrd lines a list', (t) => {
  const entry = parseLoaderEntry('linux /k\ninitrd /a\ninitrd /b\noptions ro\noptions rw quiet\n');
  t.deepEqual(entry.initrds, ['/a', '/b']);
  t.deepEqual(entry.arguments, ['ro', 'rw', 'quiet']);
});

test('an empty one has nothing', (t) => {
  t.deepEqual(parseLoaderEntry('# a comment\n'), {
    title: '',
    version: undefined,
    kernel: undefined,
    initrds: [],
    arguments: [],
  });
});
