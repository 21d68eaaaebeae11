import type { GuestRoot } from '../../boot/probe/guest-facts.js';
import type { BootCheck, BootContext, CheckOutcome, Problem } from '../types.js';
import { withFacts } from './with-facts.js';

export const rootGrown: BootCheck = {
  name: 'root-grown',
  title: 'The root file system fills a disk larger than the image',
  run: checkRootGrown,
};

const MEBIBYTE = 1024 * 1024;
/** Behind the last partition stands the second partition table, and partitions end on a full MiB. */
const BEHIND_LIMIT = 2 * MEBIBYTE;
/** A file system counts its own tables as used: ext4 1.6 % and a journal, xfs and btrfs less. */
const FILLED = 0.9;

function checkRootGrown(context: BootContext): CheckOutcome {
  return withFacts(context, ({ root }) => {
    const { imageBytes } = context;
    if (imageBytes !== undefined && root.diskBytes <= imageBytes) {
      return { skipped: 'the machine was given a disk no larger than the image' };
    }
    const notes =
      root.partitionStart === undefined
        ? ['the end of the partition: the probe did not read where it starts']
        : [];
    return { examined: root.partitionStart === undefined ? 1 : 2, problems: problemsOf(root), notes };
  });
}

function problemsOf({ device, filesystem, ...bytes }: GuestRoot): Problem[] {
  const problems: Problem[] = [];
  if (bytes.partitionStart !== undefined) {
    const behind = bytes.diskBytes - bytes.partitionStart - bytes.partitionBytes;
    if (behind > BEHIND_LIMIT) {
      const message = `expected the root partition to reach the end of the disk (${size(bytes.diskBytes)}), found ${size(behind)} behind it`;
      const hint = 'growpart of cloud-init grows it, when it is the last partition';
      problems.push({ subject: device, message, hint });
    }
  }
  if (bytes.filesystemBytes < bytes.partitionBytes * FILLED) {
    const message = `expected the ${filesystem} file system to fill its partition (${size(bytes.partitionBytes)}), found ${size(bytes.filesystemBytes)}`;
    problems.push({ subject: device, message, hint: 'resizefs of cloud-init grows it, after growpart' });
  }
  return problems;
}

function size(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(0)} MiB`;
}
