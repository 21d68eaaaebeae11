import type { DiskPartition, RootFilesystem } from '../../build/disk/read-partitions.js';
import type { Violation } from '../../build/manifest/scan-hygiene.js';
import type { DiskCheckFacts } from '../../catalog/disk-checks.js';
import type { Gate } from '../../gate/gate.js';
import type { Plan } from '../../plan/types.js';
import type { CheckOutcome } from '../types.js';
import type { BootEntry } from './boot-entry.js';
import type { DiskTree } from './disk-tree.js';
import type { FirmwareVolume } from './firmware-volume.js';
import type { Superblock } from './formats/superblock.js';

/** A disk with its partition table: all there is before its root can be read. */
export interface BareDisk {
  gate: Gate;
  plan: Plan;
  facts: DiskCheckFacts;
  target: DiskCheckFacts['targets'][string];
  /** A raw disk. Never written to. */
  disk: string;
  /** A folder for what has to be copied out; gone when the checks are done. */
  work: string;
  /** In the table's order. */
  partitions: DiskPartition[];
  root: DiskPartition;
  filesystem: RootFilesystem;
}

/** A disk whose root is readable as a folder. */
export interface OpenDisk extends BareDisk {
  tree: DiskTree;
  superblock: Superblock;
  /** The EFI system partition; `undefined` where there is none. */
  firmware: FirmwareVolume | undefined;
  /** Why it could not be read, where there is one. */
  firmwareProblem: string | undefined;
  /** Whatever a loader offers to boot, in no order. */
  boots: BootEntry[];
  /** What must not be in an image. */
  violations: Violation[];
  /** Path → sha256 as recorded when the image was baked; `undefined` without a manifest. */
  recorded: ReadonlyMap<string, string> | undefined;
}

export interface DiskCheck<Disk> {
  /** Kebab-case, the row of the report. */
  name: string;
  title: string;
  run(disk: Disk): Promise<CheckOutcome>;
}
