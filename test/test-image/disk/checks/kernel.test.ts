import { zstdCompressSync } from 'node:zlib';
import test from 'ava';
import { kernelArguments } from '../../../../src/test-image/disk/checks/kernel-arguments.js';
import { kernelDrivers } from '../../../../src/test-image/disk/checks/kernel-drivers.js';
import { rootReference } from '../../../../src/test-image/disk/checks/root-reference.js';
import { cpio, pe } from '../formats/bytes.js';
import { type Files, makeDisk, PART_UUID, PLAN, RELEASE, ROOT_UUID, told } from '../synthetic-disk.js';

const FOLDER = `usr/lib/modules/${RELEASE}`;
/** Those the plan loads, without the one that is built in. */
const PLANNED = PLAN.expected.modules.filter((name) => name !== 'nf_conntrack');
const LOADABLE: Record<string, string[]> = {
  virtio: [],
  virtio_pci: ['virtio'],
  virtio_blk: ['virtio'],
  'virtio-scsi': ['virtio'],
  sd_mod: [],
  virtio_net: [],
  ena: [],
  ...Object.fromEntries(PLANNED.map((name) => [name, []])),
};
const ROOT: Files = {
  [`${FOLDER}/modules.dep`]: Object.entries(LOADABLE)
    .map(
      ([name, needs]) => `kernel/${name}.ko.xz: ${needs.map((need) => `kernel/${need}.ko.xz`).join(' ')}\n`,
    )
    .join(''),
  [`${FOLDER}/modules.builtin`]: 'kernel/nvme.ko\nkernel/ext4.ko\nkernel/nf_conntrack.ko\n',
};
const IN_INITRD = ['virtio', 'virtio_pci', 'virtio_blk', 'virtio-scsi', 'sd_mod'];
const COMMAND_LINE = ['root=LABEL=root', 'rw', ...PLAN.kernelArguments].join(' ');

function esp({
  modules = IN_INITRD,
  commandLine = COMMAND_LINE,
  initrd = undefined as Buffer | undefined,
} = {}) {
  const packed =
    initrd ??
    zstdCompressSync(cpio(Object.fromEntries(modules.map((name) => [`${FOLDER}/kernel/${name}.ko.xz`, '']))));
  return {
    'EFI/Linux/debian.efi': pe({
      '.uname': RELEASE,
      '.cmdline': commandLine,
      '.linux': 'k',
      '.initrd': packed,
    }),
  };
}

async function drivers(disk: Parameters<typeof makeDisk>[0]): Promise<string[]> {
  return told(await kernelDrivers.run(await makeDisk({ files: ROOT, ...disk })));
}

test('drivers in the initial RAM disk, built in and on the root', async (t) => {
  t.deepEqual(await drivers({ esp: esp() }), []);
});

for (const [what, disk, expected] of [
  [
    'a driver',
    { esp: esp({ modules: IN_INITRD.filter((name) => name !== 'virtio_blk') }) },
    /^virtio_blk \(kernel 6.1.0-test\): expected the driver in the initial RAM disk or built in/,
  ],
  [
    'what a driver needs',
    { esp: esp({ modules: IN_INITRD.filter((name) => name !== 'virtio') }) },
    /^virtio .*\(virtio_pci needs it\)/,
  ],
  ["the root's file system", { esp: esp(), filesystem: 'xfs' as const }, /^xfs .*\(the root file system\)/],
  [
    'a network driver',
    { esp: esp(), files: { ...ROOT, [`${FOLDER}/modules.dep`]: 'kernel/virtio.ko:\n' } },
    /^ena .*on the root or built in/,
  ],
  [
    "a module of the plan's",
    { esp: esp(), files: { ...ROOT, [`${FOLDER}/modules.builtin`]: 'kernel/nvme.ko\nkernel/ext4.ko\n' } },
    /^nf_conntrack .*\(the plan loads it\)/,
  ],
  [
    'all modules',
    { esp: esp(), files: {} },
    /expected its modules in \/usr\/lib\/modules\/6.1.0-test, found none/,
  ],
  [
    'a whole initial RAM disk',
    { esp: esp({ initrd: zstdCompressSync(cpio({ a: 'b' })).subarray(0, 20) }) },
    /is not whole/,
  ],
  ['a kernel', { esp: {} }, /^kernel: expected a kernel to boot, found none/],
] as const) {
  test(`without ${what} it is named`, async (t) => {
    const problems = await drivers(disk);
    t.true(
      problems.some((problem) => expected.test(problem)),
      problems.join('\n'),
    );
  });
}

test('a recovery entry with the same kernel is looked at once', async (t) => {
  const one = await kernelDrivers.run(await makeDisk({ files: ROOT, esp: esp() }));
  const two = await kernelDrivers.run(await makeDisk({ files: ROOT, esp: esp(), boots: [] }));
  t.true('examined' in one && one.examined > 5);
  t.true('examined' in two && two.examined === 0);
});

async function words(commandLine: string): Promise<string[]> {
  return told(await kernelArguments.run(await makeDisk({ esp: esp({ commandLine }) })));
}

test('arguments: as planned, one missing, one too many, another order', async (t) => {
  t.deepEqual(await words(COMMAND_LINE), []);
  t.deepEqual(await words(COMMAND_LINE.replace(' systemd.swap=no', '')), [
    'ESP:/EFI/Linux/debian.efi: "debian.efi": expected systemd.swap=no, found it missing',
  ]);
  t.deepEqual(await words(`${COMMAND_LINE} quiet`), [
    `ESP:/EFI/Linux/debian.efi: "debian.efi": expected only the plan's arguments, found quiet besides`,
  ]);
  t.regex(
    (await words(`rw ${PLAN.kernelArguments.toReversed().join(' ')}`))[0] ?? '',
    /expected the order console=tty0/,
  );
});

test('a recovery entry may differ, but not be the only one', async (t) => {
  t.regex((await words(`${COMMAND_LINE} single`))[0] ?? '', /expected a kernel to boot, found none/);
});

async function roots(root: string, fstab?: string): Promise<string[]> {
  const files: Files = fstab === undefined ? {} : { 'etc/fstab': fstab };
  return told(await rootReference.run(await makeDisk({ esp: esp({ commandLine: root }), files })));
}

test('a root that is found by what it is', async (t) => {
  for (const root of [
    'LABEL=root',
    `UUID=${ROOT_UUID}`,
    `PARTUUID=${PART_UUID.toUpperCase()}`,
    'PARTLABEL=root',
    `/dev/disk/by-uuid/${ROOT_UUID}`,
  ])
    t.deepEqual(await roots(`root=${root} ro`), [], root);
  t.deepEqual(await roots('ro', `# /dev/sda1 / ext4\nUUID=${ROOT_UUID} / ext4 defaults 0 1\n`), []);
});

for (const [what, root, fstab, expected] of [
  [
    'by its place',
    'root=/dev/vda2',
    undefined,
    /^ESP:\/EFI\/Linux\/debian.efi: expected a root named by UUID or label, found \/dev\/vda2$/,
  ],
  [
    'in fstab by its place',
    'root=LABEL=root',
    '/dev/sda1 / ext4 defaults 0 1\n',
    /^\/etc\/fstab: .* found \/dev\/sda1$/,
  ],
  [
    'by the UUID of another',
    'root=UUID=00000000-521d-4520-8b45-ab84a8c77a51',
    undefined,
    /expected this disk's root, UUID=ca6ed3db.* found UUID=00000000/,
  ],
  [
    'by the label of another',
    'root=LABEL=Root',
    undefined,
    /expected this disk's root, LABEL=root, found LABEL=Root/,
  ],
] as const) {
  test(`a root named ${what}`, async (t) => {
    const problems = await roots(root, fstab);
    t.is(problems.length, 1);
    t.regex(problems[0] ?? '', expected);
  });
}

test('no root= needs a partition whose type says it', async (t) => {
  t.deepEqual(await roots('rw'), []);
  const disk = await makeDisk({ esp: esp({ commandLine: 'rw' }) });
  const plain = { ...disk.root, type: '0fc63daf-8483-4772-8e79-3d69d8477de4' };
  t.regex(
    told(await rootReference.run({ ...disk, root: plain }))[0] ?? '',
    /expected root=, or a root whose partition type/,
  );
});
