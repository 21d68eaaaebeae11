import test from 'ava';
import { bootloaderBios } from '../../../../src/test-image/disk/checks/bootloader-bios.js';
import { bootloaderUefi } from '../../../../src/test-image/disk/checks/bootloader-uefi.js';
import { cpio, fileOf, pe } from '../formats/bytes.js';
import { makeDisk, RELEASE, ROOT_UUID, told } from '../synthetic-disk.js';

const UKI = pe({
  '.osrel': 'PRETTY_NAME="Debian"\n',
  '.cmdline': 'root=LABEL=root',
  '.uname': RELEASE,
  '.linux': 'k',
  '.initrd': cpio({ a: '' }),
});
const SYSTEMD_BOOT = pe({ '.sdmagic': '#### LoaderInfo: systemd-boot 254 ####' });
const SHIM = pe({ '.data': Buffer.from('\\\\grubx64.efi', 'utf16le') });
const GRUB = {
  'EFI/BOOT/BOOTX64.EFI': SHIM,
  'EFI/BOOT/grubx64.efi': pe({}),
  'EFI/debian/grub.cfg': `search --fs-uuid --set=root ${ROOT_UUID}\n`,
};
const MENU = `menuentry 'Debian' {\n linux /boot/vmlinuz-${RELEASE} root=UUID=${ROOT_UUID}\n initrd /boot/initrd.img-${RELEASE}\n}\n`;
const GRUB_ROOT = {
  'boot/grub/grub.cfg': MENU,
  [`boot/vmlinuz-${RELEASE}`]: 'k',
  [`boot/initrd.img-${RELEASE}`]: 'i',
};
const SYSTEMD = { 'EFI/BOOT/BOOTX64.EFI': SYSTEMD_BOOT, 'EFI/Linux/debian.efi': UKI };

async function uefi(disk: Parameters<typeof makeDisk>[0]): Promise<string[]> {
  return told(await bootloaderUefi.run(await makeDisk(disk)));
}

test('systemd-boot with a unified kernel, a unified kernel alone, and GRUB behind shim', async (t) => {
  t.deepEqual(await uefi({ esp: SYSTEMD }), []);
  t.deepEqual(await uefi({ esp: { 'EFI/BOOT/BOOTX64.EFI': UKI } }), []);
  t.deepEqual(await uefi({ esp: GRUB, files: GRUB_ROOT }), []);
});

for (const [what, disk, expected] of [
  [
    'no EFI system partition',
    {},
    /^EFI system partition: expected one with EFI\/BOOT\/BOOTX64.EFI, found none/,
  ],
  [
    'no default loader',
    { esp: { 'EFI/Linux/debian.efi': UKI } },
    /^ESP:\/EFI\/BOOT\/BOOTX64.EFI: expected the loader/,
  ],
  [
    'a loader for arm64',
    { esp: { ...SYSTEMD, 'EFI/BOOT/BOOTX64.EFI': pe({ '.sdmagic': 'systemd-boot' }, { machine: 0xaa64 }) } },
    /machine 0x8664, found one for machine 0xaa64/,
  ],
  [
    'a loader that is text',
    { esp: { ...SYSTEMD, 'EFI/Linux/debian.efi': 'text' } },
    /^ESP:\/EFI\/Linux\/debian.efi: expected a UEFI program for machine 0x8664, found none/,
  ],
  [
    'no kernel for systemd-boot',
    { esp: { 'EFI/BOOT/BOOTX64.EFI': SYSTEMD_BOOT } },
    /expected a kernel systemd-boot can start, found none/,
  ],
  [
    'a unified kernel without an initrd',
    { esp: { ...SYSTEMD, 'EFI/Linux/debian.efi': pe({ '.linux': 'k', '.cmdline': 'x' }) } },
    /"debian.efi" needs its section .initrd/,
  ],
  [
    'shim without GRUB',
    { esp: { 'EFI/BOOT/BOOTX64.EFI': SHIM }, files: GRUB_ROOT },
    /^ESP:\/EFI\/BOOT\/grubx64.efi: expected the loader shim starts/,
  ],
  ['GRUB without a menu', { esp: GRUB }, /GRUB with a menu on the root, found none/],
  [
    'a menu without a kernel',
    { esp: GRUB, files: { 'boot/grub/grub.cfg': 'set timeout=0\n' } },
    /expected a kernel GRUB can start, found none/,
  ],
  [
    'a menu whose initrd is gone',
    { esp: GRUB, files: { 'boot/grub/grub.cfg': MENU, [`boot/vmlinuz-${RELEASE}`]: 'k' } },
    /"Debian" needs \/boot\/initrd.img-6.1.0-test, which is not there/,
  ],
  [
    'GRUB that searches another root',
    {
      esp: {
        ...GRUB,
        'EFI/debian/grub.cfg': 'search --fs-uuid --set=root 00000000-521d-4520-8b45-ab84a8c77a51\n',
      },
      files: GRUB_ROOT,
    },
    /^ESP:\/EFI\/debian\/grub.cfg: expected it to search the root ca6ed3db/,
  ],
] as const) {
  test(`UEFI: ${what} is named`, async (t) => {
    const problems = await uefi(disk);
    t.true(
      problems.some((problem) => expected.test(problem)),
      problems.join('\n'),
    );
  });
}

test('UEFI: a partition that cannot be read', async (t) => {
  t.deepEqual(await uefi({ firmwareProblem: 'no FAT' }), ['EFI system partition: no FAT']);
});

test("entries of GRUB's in files of their own, and systemd-boot's on its partition", async (t) => {
  const entry = `title Rocky\nversion ${RELEASE}\nlinux /vmlinuz-${RELEASE}\ninitrd /initrd.img-${RELEASE} $tuned_initrd\noptions $kernelopts quiet\n`;
  const disk = await makeDisk({
    files: {
      ...GRUB_ROOT,
      'boot/grub/grub.cfg': 'blscfg\n',
      'boot/grub/grubenv': 'kernelopts=root=UUID=1 ro\n',
      'boot/loader/entries/a.conf': entry,
    },
    esp: {
      ...GRUB,
      'loader/entries/b.conf': entry.replaceAll('$kernelopts', 'rw'),
      [`vmlinuz-${RELEASE}`]: 'k',
      [`initrd.img-${RELEASE}`]: 'iii',
    },
  });
  t.deepEqual(
    disk.boots.map(({ source, release, arguments: given, missing }) => [source, release, given, missing]),
    [
      ['ESP:/loader/entries/b.conf', RELEASE, ['rw', 'quiet'], []],
      ['/boot/loader/entries/a.conf', RELEASE, ['root=UUID=1', 'ro', 'quiet'], []],
    ],
  );
  t.deepEqual(
    disk.boots.map(({ initrds }) => initrds.map(({ size }) => size)),
    [[3], [1]],
  );
});

const SECTOR = 512;
const BIOS_BOOT = {
  number: 1,
  offset: 2048 * SECTOR,
  size: 2048 * SECTOR,
  type: '21686148-6449-6e6f-744e-656564454649',
  uuid: '',
  label: 'bios',
};

/** The first sector as grub-install leaves it, and its core image at `core`. */
function biosDisk({ code = 'GRUB \0Geom\0Hard Disk', next = 2048, core = 2048 } = {}): string {
  const disk = Buffer.alloc(4096 * SECTOR);
  disk.write(code, 0x180, 'latin1');
  disk.writeBigUInt64LE(BigInt(next), 0x5c);
  disk.write('core', core * SECTOR);
  return fileOf(disk);
}

test('BIOS: a disk that claims none is skipped with the reason', async (t) => {
  const disk = await makeDisk({ disk: fileOf(Buffer.alloc(4096)) });
  t.regex(
    told(await bootloaderBios.run(disk))[0] ?? '',
    /^\[the disk claims no BIOS loader, and its target needs none: /,
  );
});

for (const [what, disk, files, expected] of [
  ['sound', biosDisk(), { 'boot/grub/i386-pc/normal.mod': 'x' }, []],
  [
    'no code',
    fileOf(Buffer.alloc(4096 * SECTOR)),
    {},
    ['expected boot code in the first sector, found zeros'],
  ],
  [
    'other code',
    biosDisk({ code: 'LILO' }),
    {},
    ["expected GRUB's boot code in the first sector, found another"],
  ],
  [
    'core elsewhere',
    biosDisk({ next: 99, core: 99 }),
    { 'boot/grub2/i386-pc/normal.mod': 'x' },
    ['expected its core image in the BIOS boot partition, found sector 99'],
  ],
  [
    'no core, no modules',
    biosDisk({ core: 3000 }),
    {},
    [
      'expected its core image at sector 2048, found zeros',
      'expected its modules in /boot/grub/i386-pc, found none',
    ],
  ],
] as const) {
  test(`BIOS: ${what}`, async (t) => {
    const context = await makeDisk({ disk, files, partitions: [BIOS_BOOT] });
    t.deepEqual(
      told(await bootloaderBios.run(context)),
      expected.map((message) => `BIOS loader: ${message}`),
    );
  });
}
