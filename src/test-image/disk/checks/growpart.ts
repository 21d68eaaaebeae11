import { loadAll } from 'js-yaml';
import type { Problem } from '../../types.js';
import type { DiskCheck, OpenDisk } from '../disk-context.js';
import type { DiskTree } from '../disk-tree.js';

/** Where cloud-init reads its modules from, and what each list is called. */
const CONFIG = '/etc/cloud/cloud.cfg';
const CONFIG_FOLDER = '/etc/cloud/cloud.cfg.d/';
const STAGES = ['cloud_init_modules', 'cloud_config_modules', 'cloud_final_modules'];

/**
 * What makes the root as large as the disk is there and switched on. That no partition lies behind the root is said by
 * partition-table.
 */
export const growpart: DiskCheck<OpenDisk> = {
  name: 'growpart',
  title: 'Root grows with the disk at the first boot',
  async run({ facts: { growth }, filesystem, tree }) {
    const programs = growth.programs[filesystem];
    const isThere = (program: string) =>
      growth.folders.some((folder) => tree.resolve(`${folder}/${program}`)?.type === 'file');
    const absent = programs.filter((alternatives) => !alternatives.some(isThere));
    const { config, unreadable } = await readCloudConfig(tree);
    const listed = new Set(STAGES.flatMap((stage) => moduleNames(config[stage])));
    const problems: Problem[] = [
      ...unreadable,
      ...absent.map((alternatives) => ({
        subject: alternatives.join(' or '),
        message: `expected the program in ${growth.folders.join(', ')}, found none`,
        hint: "Add its package to the OS's `cloud-init` packages in catalog/os.",
      })),
      ...growth.modules
        .filter((name) => !listed.has(name))
        .map((name) => ({
          subject: `cloud-init's ${name}`,
          message: 'expected it among the modules cloud-init runs, found it in no stage',
          hint: 'cloudinit/cloud.cfg.d/99_kiln.cfg lists them.',
        })),
      ...switchedOff(config),
    ];
    return { examined: programs.length + growth.modules.length, problems };
  },
};

/** Later files win, a list as a whole. Source: cloud-init's "Merging user-data sections", default strategy. */
async function readCloudConfig(
  tree: DiskTree,
): Promise<{ config: Record<string, unknown>; unreadable: Problem[] }> {
  const further = tree.entries
    .map((entry) => entry.path)
    .filter((name) => name.startsWith(CONFIG_FOLDER) && name.endsWith('.cfg'));
  const config: Record<string, unknown> = {};
  const unreadable: Problem[] = [];
  for (const name of [CONFIG, ...further]) {
    try {
      // A file of nothing but comments holds no document.
      Object.assign(config, loadAll((await tree.read(name)) ?? '')[0] ?? {});
    } catch (error) {
      unreadable.push({ subject: name, message: `expected YAML, found: ${(error as Error).message}` });
    }
  }
  return { config, unreadable };
}

/** `growpart`, or `[growpart, always]`. */
function moduleNames(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.map((item: unknown) => String(Array.isArray(item) ? item[0] : item));
}

/** Source: cloud-init, cc_growpart and cc_resizefs. */
function switchedOff(config: Record<string, unknown>): Problem[] {
  const { mode, devices } = (config.growpart ?? {}) as { mode?: unknown; devices?: unknown };
  const problems: Problem[] = [];
  if (mode === false || mode === 'off')
    problems.push({ subject: 'growpart.mode', message: `expected auto, found ${mode}` });
  if (Array.isArray(devices) && !devices.includes('/'))
    problems.push({
      subject: 'growpart.devices',
      message: `expected / among them, found ${devices.join(', ')}`,
    });
  if (config.resize_rootfs === false)
    problems.push({ subject: 'resize_rootfs', message: 'expected true, found false' });
  return problems;
}
