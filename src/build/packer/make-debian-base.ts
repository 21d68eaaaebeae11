import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { KilnError } from '../../errors.js';
import type { Gate } from '../../gate/gate.js';
import { runCommand } from '../../gate/run-command.js';
import type { Progress } from '../../progress.js';
import { renderTemplate } from '../../render/render-template.js';
import { repositoryPath } from '../../repository.js';
import { requireTools } from '../../tools/check-tools.js';
import { requireRoot } from '../../tools/require-root.js';
import { layOutDisk } from './lay-out-disk.js';

/** `packer/base/debian.yaml`. */
interface BaseRecipe {
  suites: Record<string, string>;
  archive: string;
  keyring: string;
  diskMebibytes: number;
  espMebibytes: number;
  packages: string[];
}

/** Files the bootstrap leaves that would make every machine from this disk the same one. */
const IDENTITY = ['etc/hostname', 'var/lib/dbus/machine-id', 'var/lib/systemd/random-seed'];

/**
 * Makes a bootable Debian disk (GPT, UEFI, GRUB, cloud-init, sshd) from the distribution's signed archive: the base of a
 * Packer bake where the official cloud image is out of reach. `out` ends in `.qcow2` (compact) or anything else (raw,
 * sparse). Needs root. Nothing is left behind when it fails or is interrupted.
 *
 * @param os `debian12` or `debian13`; @param mirror an archive of the same layout, the public one by default.
 * @throws KilnError UNKNOWN_NAME for another OS; ROOT_NEEDED; TOOL_MISSING; COMMAND_FAILED when the archive is out of reach.
 */
export async function makeDebianBase({
  gate,
  out,
  os,
  mirror,
  progress,
}: {
  gate: Gate;
  out: string;
  os: string;
  mirror?: string | undefined;
  progress: Progress;
}): Promise<void> {
  const recipe = await readRecipe();
  const suite = recipe.suites[os];
  if (suite === undefined) throw noRecipe(os, recipe);
  requireTools('base');
  if (!gate.dryRun) requireRoot('Making a base image needs root: it writes files owned by many users');
  const action = { verb: 'write', target: out, reason: `a bootable ${suite} disk from the Debian archive` };
  await gate.perform(action, async () => {
    await mkdir(path.dirname(out), { recursive: true });
    const work = await mkdtemp(path.join(path.dirname(out), '.kiln-base-'));
    try {
      await makeIn(work, { gate, out, suite, archive: mirror ?? recipe.archive, recipe, progress });
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
}

async function makeIn(
  work: string,
  options: {
    gate: Gate;
    out: string;
    suite: string;
    archive: string;
    recipe: BaseRecipe;
    progress: Progress;
  },
): Promise<void> {
  const { gate, out, suite, recipe, progress } = options;
  const root = path.join(work, 'root');
  const rootUuid = uuidFrom(`kiln ${suite} root`);
  progress.step(`Installing ${suite} from ${options.archive} (about a minute)`);
  await bootstrap(root, options);
  await configure(root, rootUuid);
  progress.step('Laying out the disk');
  const raw = path.join(work, 'disk.raw');
  const esp = {
    'EFI/BOOT/BOOTX64.EFI': path.join(root, 'usr/lib/shim/shimx64.efi.signed'),
    'EFI/BOOT/grubx64.efi': path.join(root, 'usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed'),
    'EFI/debian/grub.cfg': path.join(work, 'esp-grub.cfg'),
  };
  await writeFile(
    esp['EFI/debian/grub.cfg'],
    renderTemplate('packer/base/boot/esp-grub.cfg.hbs', { rootUuid }),
  );
  await layOutDisk({ gate, disk: raw, root, rootUuid, esp, ...recipe });
  await finish({ gate, raw, out });
}

async function readRecipe(): Promise<BaseRecipe> {
  const { load } = await import('js-yaml');
  return load(await readFile(repositoryPath('packer/base/debian.yaml'), 'utf8')) as BaseRecipe;
}

async function bootstrap(
  root: string,
  { gate, suite, archive, recipe, progress }: Parameters<typeof makeIn>[1],
): Promise<void> {
  const entries = [
    `deb ${archive} ${suite} main`,
    `deb ${archive} ${suite}-updates main`,
    `deb ${archive}-security ${suite}-security main`,
  ];
  await runCommand(gate, {
    // In namespaces of its own, so that an interrupt ends all it started and leaves no mount.
    file: 'unshare',
    args: [
      ...['--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private'],
      ...['mmdebstrap', '--mode=root', '--format=directory'],
      '--variant=minbase',
      `--include=${recipe.packages.join(',')}`,
      `--keyring=${recipe.keyring}`,
      '--customize-hook=chroot "$1" systemctl enable systemd-networkd.service',
      suite,
      root,
      ...entries,
    ],
    onLine: (line) => progress.note(line.replace(/^I: /, '')),
    reason: `install ${suite} from ${archive}`,
  });
}

/** Puts the literal files in, and takes out what must differ from machine to machine. */
async function configure(root: string, rootUuid: string): Promise<void> {
  await cp(repositoryPath('packer/base/rootfs'), root, { recursive: true });
  await mkdir(path.join(root, 'boot/grub'), { recursive: true });
  const record = { rootUuid };
  await writeFile(
    path.join(root, 'boot/grub/grub.cfg'),
    renderTemplate('packer/base/boot/grub.cfg.hbs', record),
  );
  await writeFile(path.join(root, 'etc/fstab'), renderTemplate('packer/base/boot/fstab.hbs', record));
  // Empty, not "uninitialized": that would make systemd-firstboot ask questions on the console.
  await writeFile(path.join(root, 'etc/machine-id'), '');
  for (const name of IDENTITY) await rm(path.join(root, name), { force: true });
}

async function finish({ gate, raw, out }: { gate: Gate; raw: string; out: string }): Promise<void> {
  const compact = out.endsWith('.qcow2');
  const ready = `${raw}.done`;
  await runCommand(gate, {
    file: 'qemu-img',
    args: ['convert', '-f', 'raw', '-O', compact ? 'qcow2' : 'raw', ...(compact ? ['-c'] : []), raw, ready],
    reason: 'write the finished base image',
  });
  await rename(ready, out);
}

/** The same for every machine made from one suite, so that two bakes of the same packages differ in nothing else. */
function uuidFrom(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function noRecipe(os: string, recipe: BaseRecipe): KilnError {
  return new KilnError('UNKNOWN_NAME', `No base image can be made for ${os}`, {
    hint: `One can be made for ${Object.keys(recipe.suites).join(', ')}; for the rest give the distribution's cloud image with --base FILE.`,
  });
}
