import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Problem } from '../../types.js';
import type { BootEntry } from '../boot-entry.js';
import type { DiskCheck, OpenDisk } from '../disk-context.js';
import type { FirmwareVolume } from '../firmware-volume.js';
import { searchedUuids } from '../formats/grub-config.js';
import { type PeFile, readPe, readPeText } from '../formats/pe.js';
import { readGrubConfig } from '../read-boot-entries.js';

const HINT = 'Bake again; the loader is written by the engine.';
/** Shim starts the loader of this name beside itself. Source: shim's Makefile, DEFAULT_LOADER. */
const SHIM_LOADERS = ['grubx64.efi', 'grubaa64.efi'];

/** Firmware finds a loader made for its machine, and the loader finds a kernel. */
export const bootloaderUefi: DiskCheck<OpenDisk> = {
  name: 'bootloader-uefi',
  title: 'UEFI finds a loader, and the loader a kernel',
  async run(disk) {
    const { facts, plan, firmware, firmwareProblem, target, boots } = disk;
    const { file, machine } = facts.uefi[plan.spec.arch];
    if (firmware === undefined) {
      if (target.uefi === 'optional' && firmwareProblem === undefined)
        return { skipped: 'the disk has no EFI system partition, and the target does not need one' };
      const message = firmwareProblem ?? `expected one with ${file}, found none`;
      return { examined: 1, problems: [{ subject: 'EFI system partition', message, hint: HINT }] };
    }
    const programs = await checkPrograms(firmware, file, machine);
    const leads =
      programs.loader === undefined ? [] : await checkLoader(disk, firmware, file, programs.loader);
    const missing = boots.flatMap(({ source, title, missing: names }) =>
      names.map(
        (name): Problem => ({
          subject: source,
          message: `"${title}" needs ${name}, which is not there`,
          hint: HINT,
        }),
      ),
    );
    return {
      examined: programs.examined + boots.length,
      problems: [...programs.problems, ...leads, ...missing],
    };
  },
};

/** The default loader must be there; it and every unified kernel must be for this machine. */
async function checkPrograms(
  firmware: FirmwareVolume,
  file: string,
  machine: number,
): Promise<{ examined: number; problems: Problem[]; loader: PeFile | undefined }> {
  const name = firmware.find(file);
  if (name === undefined) {
    const message = 'expected the loader UEFI starts by default, found nothing';
    return { examined: 1, problems: [{ subject: `ESP:/${file}`, message, hint: HINT }], loader: undefined };
  }
  const problems: Problem[] = [];
  const kernels = firmware.files.filter((other) => /^EFI\/Linux\/[^/]+\.efi$/i.test(other));
  for (const program of [name, ...kernels]) {
    const pe = await readPe(await firmware.copy(program));
    const found =
      pe === undefined
        ? 'none'
        : `one for machine 0x${pe.machine.toString(16)}${pe.efi ? '' : ', not for UEFI'}`;
    if (pe?.machine === machine && pe.efi) continue;
    const message = `expected a UEFI program for machine 0x${machine.toString(16)}, found ${found}`;
    problems.push({ subject: `ESP:/${program}`, message, hint: HINT });
  }
  return { examined: 1 + kernels.length, problems, loader: await readPe(await firmware.copy(name)) };
}

/** What the default loader goes on to: itself a kernel, systemd-boot's entries, or GRUB's menu. */
async function checkLoader(
  disk: OpenDisk,
  firmware: FirmwareVolume,
  file: string,
  loader: PeFile,
): Promise<Problem[]> {
  if (loader.sections['.linux'] !== undefined) return [];
  const copy = await firmware.copy(firmware.find(file) ?? file);
  const magic = (await readPeText(copy, loader, '.sdmagic')) ?? '';
  if (magic.includes('systemd-boot')) return entriesOf(disk.boots, 'ESP:', `ESP:/${file}`, 'systemd-boot');
  return [...(await besideShim(firmware, file, copy)), ...(await grubProblems(disk, firmware, file))];
}

function entriesOf(boots: readonly BootEntry[], prefix: string, subject: string, loader: string): Problem[] {
  if (boots.some(({ source }) => source.startsWith(prefix))) return [];
  const message = `expected a kernel ${loader} can start, found none`;
  return [{ subject, message, hint: HINT }];
}

async function besideShim(firmware: FirmwareVolume, file: string, copy: string): Promise<Problem[]> {
  const next = await loaderNamedIn(copy);
  if (next === undefined) return [];
  const wanted = path.posix.join(path.posix.dirname(file), next);
  if (firmware.find(wanted) !== undefined) return [];
  return [
    { subject: `ESP:/${wanted}`, message: 'expected the loader shim starts, found nothing', hint: HINT },
  ];
}

/** The name of the loader shim starts, which it carries as UTF-16 text; `undefined` in any other program. */
async function loaderNamedIn(copy: string): Promise<string | undefined> {
  const bytes = await readFile(copy);
  return SHIM_LOADERS.find((name) => bytes.includes(Buffer.from(name, 'utf16le')));
}

/** GRUB's first configuration, on the EFI system partition, searches the root by its UUID and goes on there. */
async function grubProblems(disk: OpenDisk, firmware: FirmwareVolume, file: string): Promise<Problem[]> {
  const config = await readGrubConfig(disk.tree);
  if (config === undefined)
    return [
      {
        subject: `ESP:/${file}`,
        message:
          'expected systemd-boot, a kernel or GRUB with a menu on the root, found none (a partition of its own for /boot is not looked at)',
        hint: HINT,
      },
    ];
  const problems = entriesOf(disk.boots, '/boot/', config.path, 'GRUB');
  for (const name of firmware.files.filter((other) => /^EFI\/[^/]+\/grub\.cfg$/i.test(other))) {
    const searched = searchedUuids(await readFile(await firmware.copy(name), 'utf8'));
    if (searched.length === 0 || searched.includes(disk.superblock.uuid)) continue;
    const message = `expected it to search the root ${disk.superblock.uuid}, found ${searched.join(', ')}`;
    problems.push({ subject: `ESP:/${name}`, message, hint: HINT });
  }
  return problems;
}
