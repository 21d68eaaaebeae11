import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Gate } from '../src/gate/gate.js';
import { runCommand } from '../src/gate/run-command.js';
import type { Plan } from '../src/plan/types.js';
import { withRawRoot } from './with-raw-root.js';

/**
 * What kiln does for the time a boot takes and takes back here, to have the same image without it: what the distribution
 * does when nobody asks it for anything else. Packages, kernel, role units and cloud-init's settings stay, so both do the same
 * work: with the stock settings of cloud-init its network stage did not end in five minutes.
 */
const TAKEN_BACK = {
  /** Removed. */
  files: {
    '/etc/initramfs-tools/conf.d/kiln.conf':
      'the initrd as the distribution makes it: every driver, MODULES=most',
    '/usr/share/initramfs-tools/hooks/kiln': 'the same',
    '/etc/.updated': 'what packages did is done again at the first boot',
    '/var/.updated': 'the same',
    '/etc/apparmor.d/disable/lsb_release': 'every profile is compiled and loaded',
    '/etc/apparmor.d/disable/nvidia_modprobe': 'the same',
    '/usr/lib/systemd/system/cloud-config.service.d/20-background.conf':
      'the config stage competes with the role units',
    '/usr/lib/systemd/system/systemd-networkd-wait-online.service.d/90-kiln.conf': 'wait for every interface',
  },
  /** Unmasked, and enabled where they have an [Install] section, as the distribution's packages leave them. */
  units: [
    'dpkg-db-backup.timer',
    'e2scrub_all.timer',
    'e2scrub_reap.service',
    'systemd-binfmt.service',
    'systemd-repart.service',
    'systemd-update-utmp.service',
    'systemd-update-utmp-runlevel.service',
  ],
} as const;

/** Takes kiln's boot-time work out of a raw disk, in place. Needs root, mtools and systemctl. */
export async function makePlain(gate: Gate, disk: string, plan: Plan, folder: string): Promise<void> {
  await withRawRoot(gate, disk, folder, async (tree, partitions) => {
    const esp = `${disk}@@${partitions.find(({ label }) => label === 'esp')?.offset ?? 0}`;
    await takeBack(gate, tree);
    await makeInitrd(gate, { tree, esp, plan, folder });
  });
}

async function takeBack(gate: Gate, tree: string): Promise<void> {
  for (const file of Object.keys(TAKEN_BACK.files)) await rm(path.join(tree, file), { force: true });
  for (const unit of TAKEN_BACK.units) {
    await rm(path.join(tree, 'etc/systemd/system', unit), { force: true });
    await run(gate, 'systemctl', `--root=${tree}`, 'enable', unit).catch(() => {});
  }
}

/** A loader entry of kernel and initrd in place of the unified kernel. mkosi left the kernel and its settings on the ESP. */
async function makeInitrd(
  gate: Gate,
  { tree, esp, plan, folder }: { tree: string; esp: string; plan: Plan; folder: string },
): Promise<void> {
  const [kernel = ''] = await readdir(path.join(tree, 'usr/lib/modules'));
  const settings = path.join(tree, 'boot', `config-${kernel}`);
  await run(gate, 'mcopy', '-o', '-i', esp, `::config-${kernel}`, settings);
  await run(gate, 'mount', '--bind', '/dev', path.join(tree, 'dev'));
  await run(gate, 'mount', '-t', 'proc', 'proc', path.join(tree, 'proc'));
  // Without one of the compressors of its default the distribution's tool takes gzip.
  await run(gate, 'chroot', tree, 'mkinitramfs', '-o', '/root/initrd', kernel);
  const options = ['root=LABEL=root', 'rw', ...plan.kernelArguments].join(' ');
  const entry = path.join(folder, 'plain.conf');
  await writeFile(
    entry,
    `title plain\nversion ${kernel}\nlinux /vmlinuz-${kernel}\ninitrd /initrd\noptions ${options}\n`,
  );
  await run(gate, 'mdel', '-i', esp, '::EFI/Linux/*.efi');
  await run(gate, 'mcopy', '-o', '-i', esp, path.join(tree, 'root/initrd'), '::initrd');
  await run(gate, 'mcopy', '-o', '-i', esp, entry, '::loader/entries/plain.conf');
  await rm(path.join(tree, 'root/initrd'));
  await rm(settings);
}

function run(gate: Gate, file: string, ...args: string[]): Promise<string> {
  return runCommand(gate, { file, args, reason: 'take kiln’s boot-time work out of a copy of the image' });
}
