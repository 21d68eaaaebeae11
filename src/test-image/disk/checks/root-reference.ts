import type { Problem } from '../../types.js';
import type { DiskCheck, OpenDisk } from '../disk-context.js';

/** Whoever mounts the root finds it by what it is, not by where it is attached, and means this root. */
export const rootReference: DiskCheck<OpenDisk> = {
  name: 'root-reference',
  title: 'Root is found by UUID, label or type',
  async run(disk) {
    const fstab = rootInFstab((await disk.tree.read('/etc/fstab')) ?? '');
    const references = [
      ...disk.boots.map(({ source, arguments: given }) => ({ source, root: lastValue(given, 'root=') })),
      ...fstab.map((root) => ({ source: '/etc/fstab', root })),
    ];
    if (references.length === 0) return { skipped: 'nothing on the disk boots or mounts a root' };
    const problems = references.flatMap(({ source, root }): Problem[] => {
      const message = root === undefined ? withoutReference(disk) : judge(disk, root);
      const hint = 'Name the root by UUID=, LABEL= or PARTUUID=: /dev/vda is /dev/nvme0n1 elsewhere.';
      return message === undefined ? [] : [{ subject: source, message, hint }];
    });
    return { examined: references.length, problems };
  },
};

function rootInFstab(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([device = '', folder]) => folder === '/' && !device.startsWith('#'))
    .map(([device = '']) => device);
}

/** The last one counts, as for the kernel. */
function lastValue(given: readonly string[], prefix: string): string | undefined {
  return given.findLast((word) => word.startsWith(prefix))?.slice(prefix.length);
}

function withoutReference({ facts, plan, root }: OpenDisk): string | undefined {
  if (root.type === facts.partitions.root.discoverable[plan.spec.arch]) return undefined;
  return 'expected root=, or a root whose partition type says what it is, found neither';
}

function judge({ facts, root, superblock }: OpenDisk, given: string): string | undefined {
  const reference = given.replaceAll('"', '');
  if (!facts.rootReferences.stable.some((prefix) => reference.startsWith(prefix)))
    return `expected a root named by UUID or label, found ${reference}`;
  const value = reference.replace(/^.*[=/]/, '');
  const [kind = ''] = /PARTUUID|PARTLABEL|UUID|LABEL/i.exec(reference) ?? [];
  const isText = kind.toUpperCase().endsWith('LABEL');
  const actual = {
    UUID: superblock.uuid,
    LABEL: superblock.label,
    PARTUUID: root.uuid,
    PARTLABEL: root.label,
  }[kind.toUpperCase()];
  if (actual === (isText ? value : value.toLowerCase())) return undefined;
  return `expected this disk's root, ${kind}=${actual}, found ${reference}`;
}
