import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { BootEntry } from './boot-entry.js';
import type { DiskTree } from './disk-tree.js';
import type { FirmwareVolume } from './firmware-volume.js';
import { type GrubEntry, parseGrubConfig, usesBootLoaderSpec } from './formats/grub-config.js';
import { parseLoaderEntry } from './formats/loader-entry.js';
import { readPe, readPeText } from './formats/pe.js';

/** Where distributions keep what GRUB reads. */
const GRUB_CONFIGS = ['/boot/grub/grub.cfg', '/boot/grub2/grub.cfg'];
/** GRUB sees the files of /boot there, whether it is a partition of its own or not. */
const BOOT_FOLDERS = ['', '/boot'];

/**
 * Everything the loaders of a disk offer: unified kernels and loader entries on the EFI system partition, GRUB's menu and
 * loader entries on the root.
 */
export async function readBootEntries(
  tree: DiskTree,
  firmware: FirmwareVolume | undefined,
): Promise<BootEntry[]> {
  const onFirmware =
    firmware === undefined ? [] : [...(await unifiedKernels(firmware)), ...(await firmwareEntries(firmware))];
  return [...onFirmware, ...(await grubEntries(tree))];
}

/** The configuration GRUB reads from the root, with its path; `undefined` without GRUB. */
export async function readGrubConfig(tree: DiskTree): Promise<{ path: string; text: string } | undefined> {
  for (const name of GRUB_CONFIGS) {
    const text = await tree.read(name);
    if (text !== undefined) return { path: name, text };
  }
  return undefined;
}

async function unifiedKernels(firmware: FirmwareVolume): Promise<BootEntry[]> {
  const names = firmware.files.filter((file) => /^EFI\/Linux\/[^/]+\.efi$/i.test(file));
  return Promise.all(names.map((name) => unifiedKernel(firmware, name)));
}

async function unifiedKernel(firmware: FirmwareVolume, name: string): Promise<BootEntry> {
  const file = await firmware.copy(name);
  const pe = await readPe(file);
  const text = async (section: string) => (pe === undefined ? undefined : readPeText(file, pe, section));
  const title = /^PRETTY_NAME="?([^"\n]*)/m.exec((await text('.osrel')) ?? '')?.[1];
  const missing = ['.linux', '.initrd', '.cmdline'].filter((section) => pe?.sections[section] === undefined);
  const initrd = pe?.sections['.initrd'];
  return {
    source: `ESP:/${name}`,
    title: title ?? path.posix.basename(name),
    release: (await text('.uname'))?.trim(),
    arguments: words((await text('.cmdline')) ?? ''),
    initrds: initrd === undefined ? [] : [{ file, ...initrd }],
    missing: missing.map((section) => `its section ${section}`),
  };
}

async function firmwareEntries(firmware: FirmwareVolume): Promise<BootEntry[]> {
  const names = firmware.files.filter((file) => /^loader\/entries\/[^/]+\.conf$/i.test(file));
  return Promise.all(
    names.map(async (name) => {
      const entry = parseLoaderEntry(await readFile(await firmware.copy(name), 'utf8'));
      const find = (file: string) => firmware.find(file.replace(/^\//, ''));
      const locate = async (file: string) => {
        const there = find(file);
        return there === undefined ? undefined : await firmware.copy(there);
      };
      return fromLoaderEntry(`ESP:/${name}`, entry, locate);
    }),
  );
}

async function grubEntries(tree: DiskTree): Promise<BootEntry[]> {
  const config = await readGrubConfig(tree);
  if (config === undefined) return [];
  const locate = async (name: string) => inBoot(tree, name);
  const menu = await Promise.all(
    parseGrubConfig(config.text).map((entry) => fromGrubEntry(config.path, entry, locate)),
  );
  if (!usesBootLoaderSpec(config.text)) return menu;
  const kernelOptions = /^kernelopts=(.*)$/m.exec(
    (await tree.read(`${path.posix.dirname(config.path)}/grubenv`)) ?? '',
  );
  const names = tree.entries
    .map((entry) => entry.path)
    .filter((name) => /^\/boot\/loader\/entries\/[^/]+\.conf$/.test(name));
  const entries = names.map(async (name) => {
    const text = (await tree.read(name)) ?? '';
    return fromLoaderEntry(
      name,
      parseLoaderEntry(text.replace('$kernelopts', kernelOptions?.[1] ?? '')),
      locate,
    );
  });
  return [...menu, ...(await Promise.all(entries))];
}

type Locate = (name: string) => Promise<string | undefined>;

function fromGrubEntry(source: string, entry: GrubEntry, locate: Locate): Promise<BootEntry> {
  return makeEntry({ ...entry, source, version: undefined }, locate);
}

function fromLoaderEntry(
  source: string,
  entry: ReturnType<typeof parseLoaderEntry>,
  locate: Locate,
): Promise<BootEntry> {
  const { title, version, kernel = '', initrds } = entry;
  return makeEntry({ source, title, version, kernel, arguments: entry.arguments, initrds }, locate);
}

async function makeEntry(
  entry: GrubEntry & { source: string; version: string | undefined },
  locate: Locate,
): Promise<BootEntry> {
  // Words such as $tuned_initrd name what a variable may hold, usually nothing.
  const wanted = entry.initrds.filter((name) => !name.startsWith('$'));
  const found = await Promise.all(wanted.map(locate));
  const files = found.filter((file) => file !== undefined);
  const kernel = await locate(entry.kernel);
  return {
    source: entry.source,
    title: entry.title,
    release: entry.version ?? /vmlinu[xz]-(.+)$/.exec(entry.kernel)?.[1],
    arguments: entry.arguments.filter((word) => !word.startsWith('$')),
    initrds: await Promise.all(
      files.map(async (file) => ({ file, offset: 0, size: (await stat(file)).size })),
    ),
    missing: [
      ...(kernel === undefined ? [entry.kernel || 'a kernel'] : []),
      ...wanted.filter((_name, index) => found[index] === undefined),
    ],
  };
}

function inBoot(tree: DiskTree, name: string): string | undefined {
  const bare = name.replace(/^\(\$?[^)]*\)|^\$\w+/, '');
  for (const folder of BOOT_FOLDERS) {
    const entry = tree.resolve(path.posix.join('/', folder, bare));
    if (entry?.type === 'file') return path.join(tree.folder, entry.path);
  }
  return undefined;
}

function words(text: string): string[] {
  return text.split(/[\s\0]+/).filter(Boolean);
}
