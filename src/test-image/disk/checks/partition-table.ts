import type { DiskPartition } from '../../../build/disk/read-partitions.js';
import type { Problem } from '../../types.js';
import type { BareDisk, DiskCheck } from '../disk-context.js';
import { readFat } from '../formats/fat.js';
import { readGptState } from '../formats/gpt.js';

/** Both GPT copies, types, alignment, an EFI system partition that firmware can read, and a root with room to grow. */
export const partitionTable: DiskCheck<BareDisk> = {
  name: 'partition-table',
  title: 'Partition table: both copies, types, alignment, root last',
  async run(disk) {
    const { partitions } = disk;
    const problems = [
      ...(await gptProblems(disk)),
      ...partitions.flatMap((partition) => alignment(disk, partition)),
      ...overlaps(partitions),
      ...(await firmwareProblems(disk)),
      ...rootProblems(disk),
    ];
    return { examined: partitions.length + 1, problems };
  },
};

async function gptProblems({ disk }: BareDisk): Promise<Problem[]> {
  const { gpt, problems } = await readGptState(disk);
  const hint = 'Bake again: a copy or a resize of the disk may have cut off or moved the backup.';
  if (gpt) return problems.map((message) => ({ subject: 'partition table', message, hint }));
  return [{ subject: 'partition table', message: 'expected a GPT, found another kind of table', hint }];
}

function alignment({ facts }: BareDisk, partition: DiskPartition): Problem[] {
  const step = facts.partitions.alignmentBytes;
  if (partition.offset % step === 0) return [];
  return [
    {
      subject: nameOf(partition),
      message: `expected a start on a multiple of ${step} bytes, found ${partition.offset}`,
    },
  ];
}

function overlaps(partitions: readonly DiskPartition[]): Problem[] {
  const sorted = partitions.toSorted((left, right) => left.offset - right.offset);
  return sorted.slice(1).flatMap((partition, index): Problem[] => {
    const before = sorted[index];
    if (before === undefined || before.offset + before.size <= partition.offset) return [];
    return [{ subject: nameOf(partition), message: `overlaps ${nameOf(before)}` }];
  });
}

async function firmwareProblems({ disk, facts, partitions, target }: BareDisk): Promise<Problem[]> {
  const { type, fat32MinimumClusters } = facts.partitions.esp;
  const found = partitions.filter((partition) => partition.type === type);
  const [esp, ...more] = found;
  if (esp === undefined) {
    if (target.uefi !== 'required') return [];
    return [{ subject: 'EFI system partition', message: `expected a partition of type ${type}, found none` }];
  }
  const problems = more.map(
    (partition): Problem => ({
      subject: nameOf(partition),
      message: 'expected one EFI system partition, found another',
    }),
  );
  const fat = await readFat(disk, esp.offset);
  if (fat === undefined)
    return [...problems, { subject: nameOf(esp), message: 'expected a FAT file system, found none' }];
  if (fat.kind === 'FAT32' && fat.clusters < fat32MinimumClusters)
    problems.push({
      subject: nameOf(esp),
      message: `expected at least ${fat32MinimumClusters} clusters in a FAT32, found ${fat.clusters}: firmware takes it for FAT16`,
      hint: 'Make it larger (catalog/mkosi.yaml, espMebibytes) or format it as FAT16.',
    });
  return problems;
}

function rootProblems({ facts, partitions, plan, root }: BareDisk): Problem[] {
  const types = facts.partitions.root.types[plan.spec.arch];
  const after = partitions.filter(({ offset }) => offset > root.offset);
  const wrongType = !types.includes(root.type);
  return [
    ...(wrongType
      ? [
          {
            subject: nameOf(root),
            message: `expected a root of type ${types.join(' or ')}, found ${root.type}`,
          },
        ]
      : []),
    ...after.map((partition) => ({
      subject: nameOf(partition),
      message: 'expected the root to be the last partition, found this one after it: the root cannot grow',
    })),
  ];
}

function nameOf({ label, offset }: DiskPartition): string {
  return label === '' ? `the partition at ${offset / 1024 ** 2} MiB` : `partition ${label}`;
}
