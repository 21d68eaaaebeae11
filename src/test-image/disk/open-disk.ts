import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { listTree, type TreeEntry } from '../../build/disk/list-tree.js';
import { detectFilesystem, findRootPartition, readPartitions } from '../../build/disk/read-partitions.js';
import { type FinishedImage, MANIFEST } from '../../build/image-folder.js';
import { scanHygiene } from '../../build/manifest/scan-hygiene.js';
import type { DiskCheckFacts } from '../../catalog/disk-checks.js';
import { readYaml } from '../../catalog/read-yaml.js';
import { KilnError } from '../../errors.js';
import type { Gate } from '../../gate/gate.js';
import type { Plan } from '../../plan/types.js';
import type { Progress } from '../../progress.js';
import { asRawDisk } from './as-raw-disk.js';
import type { BareDisk, OpenDisk } from './disk-context.js';
import { makeDiskTree } from './disk-tree.js';
import { type FirmwareVolume, openFirmwareVolume } from './firmware-volume.js';
import { readSuperblock } from './formats/superblock.js';
import { readBootEntries } from './read-boot-entries.js';

export interface DiskCheckOptions {
  gate: Gate;
  /** A raw or qcow2 disk. Never written to. */
  disk: string;
  plan: Plan;
  progress: Progress;
  /** Where the image is to run: a name of `targets` in catalog/disk-checks.yaml. */
  target?: 'disk' | 'aws';
  /** Of the bake, for the digests of its files; by default the one beside the disk, if there is one. */
  manifest?: FinishedImage['manifest'];
}

/**
 * Reads what there is to know of a disk before its files.
 *
 * @param work a folder for copies
 * @throws KilnError IMAGE_INVALID when it has no partition table, no root or a file system kiln does not read.
 */
export async function openBareDisk(
  { gate, disk, plan, target = 'disk' }: DiskCheckOptions,
  work: string,
): Promise<BareDisk> {
  const facts = readYaml('disk-checks.yaml') as DiskCheckFacts;
  const chosen = facts.targets[target];
  if (chosen === undefined) throw new KilnError('UNKNOWN_NAME', `Unknown target ${target}`);
  const raw = await asRawDisk(gate, disk, work);
  const partitions = await readPartitions(gate, raw).catch((error: unknown) => {
    throw new KilnError('IMAGE_INVALID', `${disk} has no partition table that can be read`, { cause: error });
  });
  const root = findRootPartition(disk, partitions);
  const kind = await detectFilesystem(raw, root);
  return { gate, plan, facts, target: chosen, disk: raw, work, partitions, root, filesystem: kind };
}

/** Reads everything the checks look at, from the folder that shows the root. */
export async function openDiskTree(
  options: DiskCheckOptions,
  bare: BareDisk,
  folder: string,
): Promise<OpenDisk> {
  const entries = await listTree(folder, { signal: bare.gate.signal });
  const tree = makeDiskTree(folder, entries);
  const { firmware, firmwareProblem } = await openFirmware(bare);
  return {
    ...bare,
    tree,
    firmware,
    firmwareProblem,
    superblock: await readSuperblock(bare.disk, bare.root, bare.filesystem),
    boots: await readBootEntries(tree, firmware),
    violations: await scanHygiene({ tree: folder, entries }),
    recorded: await readRecorded(options),
  };
}

async function openFirmware({
  gate,
  disk,
  work,
  partitions,
  facts,
}: BareDisk): Promise<{ firmware: FirmwareVolume | undefined; firmwareProblem: string | undefined }> {
  const partition = partitions.find(({ type }) => type === facts.partitions.esp.type);
  if (partition === undefined) return { firmware: undefined, firmwareProblem: undefined };
  try {
    const firmware = await openFirmwareVolume({ gate, disk, partition, work });
    return { firmware, firmwareProblem: undefined };
  } catch (error) {
    if (!(error instanceof KilnError) || error.code !== 'COMMAND_FAILED') throw error;
    return { firmware: undefined, firmwareProblem: error.message };
  }
}

/** Digests of the files by path; `undefined` where there is no manifest. */
async function readRecorded({
  disk,
  manifest,
}: DiskCheckOptions): Promise<ReadonlyMap<string, string> | undefined> {
  const found = manifest ?? (await readManifest(path.join(path.dirname(disk), MANIFEST)));
  const files = found?.files as TreeEntry[] | undefined;
  if (files === undefined) return undefined;
  return new Map(files.flatMap(({ path: name, sha256 }) => (sha256 === undefined ? [] : [[name, sha256]])));
}

async function readManifest(file: string): Promise<FinishedImage['manifest'] | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}
