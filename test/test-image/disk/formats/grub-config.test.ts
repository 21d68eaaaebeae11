import test from 'ava';
import {
  parseGrubConfig,
  searchedUuids,
  usesBootLoaderSpec,
} from '../../../../src/test-image/disk/formats/grub-config.js';

const DEBIAN = `
set timeout=0
menuentry 'Debian GNU/Linux' --class debian $menuentry_id_option 'gnulinux-simple' {
	insmod gzio
	search --no-floppy --fs-uuid --set=root CA6ED3DB-521d-4520-8b45-ab84a8c77a51
	linux	/boot/vmlinuz-6.1.0-56-cloud-amd64 root=UUID=ca6ed3db-521d-4520-8b45-ab84a8c77a51 ro console=tty0
	initrd	/boot/initrd.img-6.1.0-56-cloud-amd64
}
submenu 'Advanced options' {
	menuentry "Debian GNU/Linux (recovery mode)" {
		linux	/boot/vmlinuz-6.1.0-56-cloud-amd64 root=UUID=ca6e ro single
		initrd	/boot/early.img /boot/initrd.img-6.1.0-56-cloud-amd64
	}
}
menuentry 'UEFI Firmware Settings' {
	fwsetup
}
`;

test("Debian's menu: two kernels, and no entry for the firmware's settings", (t) => {
  const entries = parseGrubConfig(DEBIAN);
  t.deepEqual(
    entries.map(({ title }) => title),
    ['Debian GNU/Linux', 'Debian GNU/Linux (recovery mode)'],
  );
  t.deepEqual(entries[0], {
    title: 'Debian GNU/Linux',
    kernel: '/boot/vmlinuz-6.1.0-56-cloud-amd64',
    arguments: ['root=UUID=ca6ed3db-521d-4520-8b45-ab84a8c77a51', 'ro', 'console=tty0'],
    initrds: ['/boot/initrd.img-6.1.0-56-cloud-amd64'],
  });
  t.deepEqual(entries[1]?.initrds, ['/boot/early.img', '/boot/initrd.img-6.1.0-56-cloud-amd64']);
});

test("CentOS 7's spelling", (t) => {
  const [entry] = parseGrubConfig(
    "menuentry 'CentOS' {\n linux16 /vmlinuz-3.10.0 root=UUID=1 ro\n initrd16 /initramfs-3.10.0.img\n}\n",
  );
  t.is(entry?.kernel, '/vmlinuz-3.10.0');
  t.deepEqual(entry?.initrds, ['/initramfs-3.10.0.img']);
});

test('what is searched for, however it is spelt', (t) => {
  t.deepEqual(searchedUuids(DEBIAN), ['ca6ed3db-521d-4520-8b45-ab84a8c77a51']);
  t.deepEqual(searchedUuids('search.fs_uuid ca6ed3db-521d-4520-8b45-ab84a8c77a51 root\n'), [
    'ca6ed3db-521d-4520-8b45-ab84a8c77a51',
  ]);
  t.deepEqual(searchedUuids('search --fs-uuid --set=root ca6ed3db-521d-4520-8b45-ab84a8c77a51\n'), [
    'ca6ed3db-521d-4520-8b45-ab84a8c77a51',
  ]);
  t.deepEqual(searchedUuids('search --label --set=root ROOT\n'), []);
});

test('entries kept in files of their own', (t) => {
  t.true(usesBootLoaderSpec('insmod blscfg\nblscfg\n'));
  t.false(usesBootLoaderSpec(DEBIAN));
});
