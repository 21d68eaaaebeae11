import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { load } from 'js-yaml';
import { z } from 'zod';
import type { Rig } from '../../src/boot/rig.js';
import { findRootPartition, readPartitions } from '../../src/build/disk/read-partitions.js';
import type { FinishedImage } from '../../src/build/image-folder.js';
import { createGate, type Gate } from '../../src/gate/gate.js';
import { runCommand } from '../../src/gate/run-command.js';
import { silentProgress } from '../../src/progress.js';
import { repositoryPath } from '../../src/repository.js';
import { chooseCells } from '../../src/test-image/boot-cells.js';
import { testImage } from '../../src/test-image/test-image.js';
import type { CheckResult, TestReport } from '../../src/test-image/types.js';

/** Check → words one of its problems must hold. */
const problems = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

/** One way to break an image: `test/cases/faults/<name>.yaml`. */
const faultSchema = z.strictObject({
  title: z.string(),
  /** POSIX sh, run as root; $1 is the root file system, mounted and writable, with the host's /dev in it. */
  break: z.string().optional(),
  /** POSIX sh in an empty folder; $1 is the raw disk, $2 and $3 the bytes at which its ESP and its root begin. */
  breakDisk: z.string().optional(),
  /** Cells to boot; none: the disk checks alone. */
  cells: z.array(z.string()).default([]),
  expect: problems,
  /** Problems the same fault may show as besides; '' stands for any of that check. */
  also: problems.default({}),
  /** QEMU, which takes minutes, only for what another kernel cannot show. */
  rig: z.enum(['uml', 'qemu']).default('uml'),
  /** Faults that say the same here do not touch each other and share one broken copy. */
  together: z.string().optional(),
});

export type Fault = z.infer<typeof faultSchema> & { name: string };

/** One problem the test found. `text`: where, which check, what it is about and what was expected and found. */
export interface Finding {
  check: string;
  text: string;
}

const FAULTS = repositoryPath('test', 'cases', 'faults');
/** The mounts belong to this shell's own namespace, and end with it whatever happens. */
const IN_ROOT = `mount -o loop,offset="$2",sizelimit="$3" "$1" "$4"
mount --bind /dev "$4/dev"
sh -euc "$5" break "$4"
umount "$4/dev" "$4"`;

/** Every fault, in groups that share a copy. */
export async function readFaults(): Promise<Fault[][]> {
  const files = (await readdir(FAULTS)).filter((file) => file.endsWith('.yaml')).sort();
  const faults = await Promise.all(files.map(readFault));
  return Object.values(Object.groupBy(faults, ({ together, name }) => together ?? name)) as Fault[][];
}

async function readFault(file: string): Promise<Fault> {
  const fault = faultSchema.parse(load(await readFile(path.join(FAULTS, file), 'utf8')));
  return { ...fault, name: path.basename(file, '.yaml') };
}

/** Breaks a copy of the image in all these ways and tests it as `bake test` does. The copy is gone afterwards. */
export async function testBroken(
  faults: readonly Fault[],
  { image, rigs, signal }: { image: FinishedImage; rigs: Record<Fault['rig'], Rig>; signal: AbortSignal },
): Promise<Finding[]> {
  const gate = createGate({ signal });
  const folder = await mkdtemp(path.join(process.env.TMPDIR || '/var/tmp', 'kiln-fault-'));
  const cells = new Set(faults.flatMap((fault) => fault.cells));
  try {
    const disk = path.join(folder, 'disk.raw');
    await run(gate, 'cp', ['--reflink=auto', '--sparse=always', image.disk, disk]);
    for (const fault of faults) await breakCopy(gate, fault, disk, folder);
    const report = await testImage({
      gate,
      image: { ...image, disk },
      cells: cells.size === 0 ? [] : chooseCells(image.plan, [...cells]),
      rig: rigs[faults[0]?.rig ?? 'uml'],
      jobs: 1,
      progress: silentProgress,
    });
    if (report === undefined) throw new RangeError('nothing was tested');
    return findingsOf(report);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function breakCopy(gate: Gate, fault: Fault, disk: string, folder: string): Promise<void> {
  const partitions = await readPartitions(gate, disk);
  const root = findRootPartition(disk, partitions);
  if (fault.break !== undefined) {
    const mountPoint = await mkdtemp(path.join(folder, 'root-'));
    const args = [disk, `${root.offset}`, `${root.size}`, mountPoint, fault.break];
    const namespace = ['--mount', '--propagation', 'private'];
    await run(gate, 'unshare', [...namespace, 'sh', '-euc', IN_ROOT, fault.name, ...args]);
  }
  if (fault.breakDisk !== undefined) {
    const cwd = await mkdtemp(path.join(folder, 'work-'));
    const esp = partitions.find(({ offset }) => offset !== root.offset);
    await run(
      gate,
      'sh',
      ['-euc', fault.breakDisk, fault.name, disk, `${esp?.offset}`, `${root.offset}`],
      cwd,
    );
  }
}

function run(gate: Gate, file: string, args: string[], cwd = '/'): Promise<string> {
  return runCommand(gate, { file, args, cwd, reason: 'break a copy of the image' });
}

function findingsOf({ disk, clones, cells }: TestReport): Finding[] {
  return [
    ...problemsOf('disk', disk),
    ...problemsOf('clones', clones),
    ...cells.flatMap(({ cell, boot, checks }) => problemsOf(`${cell}, boot ${boot}`, checks)),
  ];
}

function problemsOf(where: string, checks: readonly CheckResult[]): Finding[] {
  return checks
    .filter(({ status }) => status === 'failed')
    .flatMap(({ check, problems }) =>
      problems.map(({ subject, message }) => ({ check, text: `${where}: ${check}: ${subject}: ${message}` })),
    );
}

/** What the fault should have shown as, and did not. */
export function unnoticed({ expect }: Fault, findings: readonly Finding[]): string[] {
  return Object.entries(expect).flatMap(([check, words]) => {
    if (findings.some((finding) => isMeant(finding, check, words))) return [];
    const said = findings.filter((finding) => finding.check === check).map(({ text }) => text);
    return [
      `expected ${check} to name ${[words].flat().join(' … ')}; it says: ${said.join(' | ') || '(nothing)'}`,
    ];
  });
}

/** Findings that come from none of these faults: false alarms. */
export function unexplained(faults: readonly Fault[], findings: readonly Finding[]): string[] {
  const known = faults.flatMap(({ expect, also }) => [...Object.entries(expect), ...Object.entries(also)]);
  return findings
    .filter((finding) => !known.some(([check, words]) => isMeant(finding, check, words)))
    .map(({ text }) => text);
}

function isMeant({ check, text }: Finding, name: string, words: string | string[]): boolean {
  return check === name && [words].flat().every((word) => text.includes(word));
}
