import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stoppableGate } from '../../boot/stoppable-gate.js';
import { KilnError } from '../../errors.js';
import type { Gate } from '../../gate/gate.js';
import { runCommand } from '../../gate/run-command.js';
import { requireRoot } from '../../tools/require-root.js';
import {
  detectFilesystem,
  findRootPartition,
  type RootFilesystem,
  readPartitions,
} from './read-partitions.js';

/** Read-only, without replaying the journal: looking at a disk must not change it. */
const MOUNT_OPTIONS: Record<RootFilesystem, string> = { ext4: 'ro,noload', xfs: 'ro,norecovery' };

/** Mounts in a namespace of its own and stays; the loop device and the mount go when it ends. Prints its process id. */
const HOLD_SCRIPT = `set -eu
mount -t "$1" -o "$2,loop,offset=$3,sizelimit=$4" "$5" "$6"
echo "mounted $$"
exec sleep infinity
`;

/**
 * Calls back with a folder that shows the root file system of a raw disk, read-only, with every mode, owner and link as
 * on the disk; returns what the callback does. The folder is another process's view of a mount the host itself never has,
 * and ends with the call. Symbolic links in it must be read, never followed: absolute ones lead to the host's own files.
 *
 * @throws KilnError IMAGE_INVALID for a disk without a root kiln can read; ROOT_NEEDED.
 */
export async function withDiskTree<T>(
  gate: Gate,
  disk: string,
  callback: (root: string) => Promise<T>,
): Promise<T | undefined> {
  if (gate.dryRun) return undefined;
  requireRoot(`Reading the files inside ${disk} needs root: their owners and modes are compared`);
  const partition = findRootPartition(disk, await readPartitions(gate, disk));
  const filesystem = await detectFilesystem(disk, partition);
  const folder = await mkdtemp(path.join(tmpdir(), 'kiln-disk-'));
  const stop = new AbortController();
  const args = [
    filesystem,
    MOUNT_OPTIONS[filesystem],
    String(partition.offset),
    String(partition.size),
    disk,
    folder,
  ];
  const { mounted, ended } = holdMount(stoppableGate(gate, stop.signal), args);
  try {
    const holder = await Promise.race([mounted, ended]);
    return await callback(path.join('/proc', holder, 'root', folder));
  } finally {
    stop.abort();
    await ended.catch(() => {});
    await rmdir(folder);
  }
}

/** `mounted` gives the id of the process that holds the mount; `ended` only ever rejects. */
function holdMount(gate: Gate, args: readonly string[]): { mounted: Promise<string>; ended: Promise<never> } {
  const { promise: mounted, resolve } = Promise.withResolvers<string>();
  const running = runCommand(gate, {
    file: 'setpriv',
    args: [
      '--pdeathsig',
      'KILL',
      'unshare',
      '--mount',
      '--propagation',
      'private',
      ...['sh', '-c', HOLD_SCRIPT, 'kiln-disk', ...args],
    ],
    onLine(line) {
      const holder = /^mounted (\d+)$/.exec(line)?.[1];
      if (holder !== undefined) resolve(holder);
    },
    reason: 'look into the disk',
  });
  const ended = running.then((): never => {
    throw new KilnError('IMAGE_INVALID', 'The disk was unmounted while it was being read');
  });
  ended.catch(() => {});
  return { mounted, ended };
}
