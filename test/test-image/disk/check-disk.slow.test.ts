import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { readPartitions } from '../../../src/build/disk/read-partitions.js';
import { createGate } from '../../../src/gate/gate.js';
import { silentProgress } from '../../../src/progress.js';
import { checkDisk, DISK_CHECKS } from '../../../src/test-image/disk/check-disk.js';
import type { CheckResult } from '../../../src/test-image/types.js';
import { type BakedImage, bakeFromDebian } from '../../helpers/baked-image.js';
import { planOf } from '../../helpers/plans.js';
import { diskBreaker, lastSector, removeDriver } from './broken-disk.js';

/** In pieces, so that no search for keys takes this file for one. */
const KEY = ['-----BEGIN', 'PRIVATE KEY-----\nMIIB\n-----END', 'PRIVATE KEY-----\n'].join(' ');

function check(disk: string, { plan, manifest }: BakedImage): Promise<CheckResult[]> {
  const bare = manifest as unknown as Parameters<typeof checkDisk>[0]['manifest'];
  return checkDisk({
    gate: createGate({}),
    disk,
    plan,
    progress: silentProgress,
    ...(bare === undefined ? {} : { manifest: bare }),
  });
}

/** `check: subject: message` of everything that failed, sorted. */
function told(results: readonly CheckResult[]): string[] {
  return results
    .flatMap(({ check: name, problems }) =>
      problems.map(({ subject, message }) => `${name}: ${subject}: ${message}`),
    )
    .sort();
}

function statuses(results: readonly CheckResult[]): Partial<Record<CheckResult['status'], string[]>> {
  const groups = Map.groupBy(results, ({ status }) => status);
  return Object.fromEntries(
    [...groups].map(([status, group]) => [status, group.map(({ check: name }) => name)]),
  );
}

function leftovers(): string[] {
  const loops = execFileSync('losetup', [
    '--all',
    '--list',
    '--noheadings',
    '--output',
    'BACK-FILE',
  ]).toString();
  return [
    ...readdirSync(tmpdir()).filter((name) => name.startsWith('kiln-')),
    ...loops.split('\n').filter((line) => line.startsWith(tmpdir())),
  ];
}

test.serial(
  'the Debian 12 image has nothing failed, is not written to, and nothing is left behind',
  async (t) => {
    const image = await bakeFromDebian(t, ['--os', 'debian12']);
    const before = statSync(image.disk);
    const results = await check(image.disk, image);
    t.deepEqual(told(results), []);
    t.deepEqual(
      results.map(({ check: name }) => name),
      [...DISK_CHECKS],
    );
    t.deepEqual(
      results.filter(({ status }) => status === 'skipped').map(({ check: name }) => name),
      ['bootloader-bios'],
    );
    t.true(results.every(({ status, examined }) => status === 'skipped' || examined > 0));
    const after = statSync(image.disk);
    t.deepEqual([after.mtimeMs, after.blocks], [before.mtimeMs, before.blocks]);
    t.deepEqual(leftovers(), []);
  },
);

test.serial('the Debian 13 image has nothing failed, looked at through a qcow2 disk', async (t) => {
  const image = await bakeFromDebian(t, ['--os', 'debian13']);
  const folder = mkdtempSync(path.join(tmpdir(), 'overlay-'));
  const overlay = path.join(folder, 'disk.qcow2');
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', image.disk, overlay]);
  t.deepEqual(told(await check(overlay, image)), []);
  rmSync(folder, { recursive: true });
  t.deepEqual(leftovers(), []);
});

/** A disk with a partition table and a small ext4 root at 5 MiB; nothing an image would be. */
function smallDisk(folder: string): string {
  const disk = path.join(folder, 'small.raw');
  execFileSync('truncate', ['-s', '48M', disk]);
  const table = 'label: gpt\nsize=4MiB,type=U\nsize=32MiB,type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709\n';
  execFileSync('sfdisk', ['--quiet', disk], { input: table });
  execFileSync('mkfs.ext4', ['-q', '-E', `offset=${SMALL.root}`, disk, '32M']);
  return disk;
}

const SMALL = { root: 5 * 1024 ** 2, esp: 1024 ** 2 };
const PLAN = planOf('debian12');

test.serial(
  'an empty disk fails check by check; one whose root cannot be mounted says so and skips the rest',
  async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'small-'));
    const disk = smallDisk(folder);
    const options = { gate: createGate({}), disk, plan: PLAN, progress: silentProgress };
    const empty = await checkDisk(options);
    t.deepEqual(statuses(empty), {
      failed: [
        'partition-table',
        'bootloader-uefi',
        'kernel-drivers',
        'kernel-arguments',
        'growpart',
        'planned-files',
        'sysctl-order',
      ],
      skipped: ['bootloader-bios', 'root-reference', 'artifact-files'],
      passed: ['filesystem', 'file-permissions', 'hygiene'],
    });
    diskBreaker(disk, SMALL).zero(SMALL.root + 2048, 2048);
    const broken = await checkDisk(options);
    t.deepEqual(
      broken.map(({ check: name }) => name),
      [...DISK_CHECKS],
    );
    t.deepEqual(statuses(broken).failed, ['partition-table', 'filesystem']);
    t.is(statuses(broken).skipped?.length, DISK_CHECKS.length - 2);
    rmSync(folder, { recursive: true });
    t.deepEqual(leftovers(), []);
  },
);

test.serial('an interrupt while files are read leaves nothing behind', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'small-'));
  const controller = new AbortController();
  const progress = {
    ...silentProgress,
    note: (text: string) => text === 'Read every file' && controller.abort(new Error('stop')),
  };
  const gate = createGate({ signal: controller.signal });
  await t.throwsAsync(checkDisk({ gate, disk: smallDisk(folder), plan: PLAN, progress }), undefined);
  rmSync(folder, { recursive: true });
  t.deepEqual(leftovers(), []);
});

test.serial('every way a Debian 12 disk is broken is named, and nothing else', async (t) => {
  const image = await bakeFromDebian(t, ['--os', 'debian12']);
  const folder = mkdtempSync(path.join(tmpdir(), 'broken-'));
  const disk = path.join(folder, 'disk.raw');
  execFileSync('cp', ['--sparse=always', image.disk, disk]);
  const [esp, root] = await readPartitions(createGate({}), disk);
  if (esp === undefined || root === undefined) throw new Error('the image has no partitions');
  const breaker = diskBreaker(disk, { root: root.offset, esp: esp.offset });

  breaker.zero(lastSector(disk), 512);
  breaker.mtools('mdel', '::/EFI/BOOT/BOOTX64.EFI');
  const unified = path.join(folder, 'kernel.efi');
  const [name = ''] = execFileSync('mdir', ['-b', '-i', `${disk}@@${esp.offset}`, '::/EFI/Linux'])
    .toString()
    .trim()
    .split('\n');
  breaker.copyFromFirmware(name.replace('::/', ''), unified);
  await removeDriver(unified, 'virtio_blk');
  breaker.mtools('mcopy', '-o', unified, name);
  breaker.write('/etc/sysctl.d/99-zzz.conf', '# hardening\nnet.ipv4.ip_forward = 0\n');
  breaker.write('/etc/ssh/ssh_host_ed25519_key', 'left over\n', '0100600');
  breaker.write('/opt/server.pem', KEY, '0100644');
  breaker.write('/usr/bin/backdoor', '#!/bin/sh\n', '0104755');
  breaker.write('/opt/cni/bin/bridge', 'another program\n', '0100755');
  breaker.debugfs(
    'rm /usr/lib/systemd/system/kubelet.service',
    'sif /etc/sysctl.d/99-zz-kubernetes.conf mode 0100666',
    'rm /usr/bin/growpart',
    'set_super_value state 2',
  );

  const found = told(await check(disk, image));
  const expected = [
    /^artifact-files: \/opt\/cni\/bin\/bridge: expected sha256 \w{64}, found \w{64}$/,
    /^bootloader-uefi: ESP:\/EFI\/BOOT\/BOOTX64.EFI: expected the loader UEFI starts by default, found nothing$/,
    /^file-permissions: \/etc\/sysctl.d\/99-zz-kubernetes.conf: .* found mode 0666$/,
    /^file-permissions: \/opt\/server.pem: expected a secret nobody else may read, found mode 0644$/,
    /^file-permissions: \/usr\/bin\/backdoor: expected no setuid or setgid file .* found mode 4755$/,
    /^filesystem: ext4 of the root: it is marked as having errors$/,
    /^filesystem: ext4 of the root: it was not unmounted cleanly$/,
    /^growpart: growpart: expected the program in /,
    /^hygiene: \/etc\/ssh\/ssh_host_ed25519_key: .*\[ssh-host-key\]$/,
    /^hygiene: \/opt\/server.pem: .*\[private-key\]$/,
    /^kernel-drivers: virtio_blk \(kernel .*\): expected the driver in the initial RAM disk or built in/,
    /^partition-table: partition table: the backup GPT is broken: signature$/,
    /^planned-files: \/etc\/sysctl.d\/99-zz-kubernetes.conf: expected mode 0644, found 0666$/,
    /^planned-files: \/usr\/lib\/systemd\/system\/kubelet.service: expected a file, found nothing$/,
    /^sysctl-order: net.ipv4.ip_forward: expected 1, found 0 from \/etc\/sysctl.d\/99-zzz.conf line 2, which is read last$/,
  ];
  t.is(found.length, expected.length, found.join('\n'));
  for (const [index, pattern] of expected.entries()) t.regex(found[index] ?? '', pattern);
  rmSync(folder, { recursive: true });
  t.deepEqual(leftovers(), []);
});
