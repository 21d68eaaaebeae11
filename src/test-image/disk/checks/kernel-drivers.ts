import { KilnError } from '../../../errors.js';
import type { Problem } from '../../types.js';
import type { BootEntry } from '../boot-entry.js';
import type { DiskCheck, OpenDisk } from '../disk-context.js';
import type { DiskTree } from '../disk-tree.js';
import { listInitrd } from '../formats/list-initrd.js';

interface Wanted {
  name: string;
  where: 'initrd' | 'node';
  why: string;
}

/** Drivers of one kernel on the root: built in, and loadable with what each needs first. Names have underscores. */
interface KernelModules {
  builtIn: ReadonlySet<string>;
  loadable: ReadonlyMap<string, string[]>;
}

/** Every kernel that can be booted reaches its root, and its network, with drivers it has. */
export const kernelDrivers: DiskCheck<OpenDisk> = {
  name: 'kernel-drivers',
  title: 'Drivers for disk, network and root are there',
  async run(disk) {
    const wanted = listWanted(disk);
    const entries = distinct(disk.boots);
    if (entries.length === 0)
      return {
        examined: 0,
        problems: [{ subject: 'kernel', message: 'expected a kernel to boot, found none' }],
      };
    const problems: Problem[] = [];
    for (const entry of entries) problems.push(...(await checkEntry(disk, entry, wanted)));
    return { examined: entries.length * wanted.length, problems };
  },
};

function listWanted({ facts, filesystem, plan }: OpenDisk): Wanted[] {
  const root: Wanted = { name: filesystem, where: 'initrd', why: 'the root file system' };
  const planned = plan.expected.modules.map(
    (name): Wanted => ({ name, where: 'node', why: 'the plan loads it' }),
  );
  return [...facts.drivers, root, ...planned];
}

/** Entries that differ in their arguments only share one kernel and one initial RAM disk. */
function distinct(boots: readonly BootEntry[]): BootEntry[] {
  const byContent = new Map(boots.map((entry) => [JSON.stringify([entry.release, entry.initrds]), entry]));
  return [...byContent.values()];
}

async function checkEntry(disk: OpenDisk, entry: BootEntry, wanted: readonly Wanted[]): Promise<Problem[]> {
  const { source, release } = entry;
  if (release === undefined)
    return [{ subject: source, message: 'expected a kernel release, found none named' }];
  const modules = await readModules(disk.tree, release);
  if (modules === undefined) {
    const message = `expected its modules in /usr/lib/modules/${release}, found none`;
    return [{ subject: source, message, hint: 'Bake again; kernel and modules must be of one release.' }];
  }
  const inInitrd = await initrdModules(disk, entry, release);
  if (inInitrd instanceof KilnError)
    return [
      {
        subject: source,
        message: inInitrd.message,
        ...(inInitrd.hint === undefined ? {} : { hint: inInitrd.hint }),
      },
    ];
  return wanted.flatMap(({ name, where, why }): Problem[] => {
    const absent =
      where === 'initrd' ? missingFromInitrd(name, modules, inInitrd) : missingFromNode(name, modules);
    const place = where === 'initrd' ? 'in the initial RAM disk or built in' : 'on the root or built in';
    const hint =
      where === 'initrd'
        ? 'Its absence stops the boot before the root is mounted; look at what the engine puts into the initial RAM disk.'
        : `Install the kernel's package that has ${name}.`;
    return absent.map((driver) => ({
      subject: `${driver} (kernel ${release})`,
      message: `expected the driver ${place} (${driver === name ? why : `${name} needs it`}), found it in neither`,
      hint,
    }));
  });
}

async function readModules(tree: DiskTree, release: string): Promise<KernelModules | undefined> {
  const read = (name: string) => tree.read(`/usr/lib/modules/${release}/${name}`);
  const fallback = (name: string) => tree.read(`/lib/modules/${release}/${name}`);
  const dependencies = (await read('modules.dep')) ?? (await fallback('modules.dep'));
  if (dependencies === undefined) return undefined;
  const builtIn = (await read('modules.builtin')) ?? (await fallback('modules.builtin')) ?? '';
  const lines = dependencies.split('\n').filter(Boolean);
  return {
    builtIn: new Set(builtIn.split('\n').filter(Boolean).map(driverName)),
    loadable: new Map(
      lines.map((line) => {
        const [file = '', rest = ''] = line.split(':');
        return [driverName(file), rest.split(' ').filter(Boolean).map(driverName)];
      }),
    ),
  };
}

async function initrdModules(
  { gate, work }: OpenDisk,
  { initrds }: BootEntry,
  release: string,
): Promise<ReadonlySet<string> | KilnError> {
  const found = new Set<string>();
  try {
    for (const initrd of initrds) {
      for (const name of await listInitrd(gate, initrd, work)) {
        if (name.includes(`lib/modules/${release}/`) && /\.ko(\.\w+)?$/.test(name))
          found.add(driverName(name));
      }
    }
  } catch (error) {
    if (error instanceof KilnError && error.code === 'IMAGE_INVALID') return error;
    throw error;
  }
  return found;
}

function missingFromInitrd(
  name: string,
  { builtIn, loadable }: KernelModules,
  inInitrd: ReadonlySet<string>,
): string[] {
  if (builtIn.has(name)) return [];
  if (!inInitrd.has(name)) return [name];
  return (loadable.get(name) ?? []).filter((needed) => !builtIn.has(needed) && !inInitrd.has(needed));
}

function missingFromNode(name: string, { builtIn, loadable }: KernelModules): string[] {
  return builtIn.has(name) || loadable.has(name) ? [] : [name];
}

/** `kernel/drivers/block/virtio-blk.ko.xz` is `virtio_blk`. */
function driverName(file: string): string {
  return file
    .replace(/^.*\//, '')
    .replace(/\.ko(\.\w+)?$/, '')
    .replaceAll('-', '_');
}
