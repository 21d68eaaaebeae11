import { access } from 'node:fs/promises';
import path from 'node:path';
import type { DiskPartition } from '../../build/disk/read-partitions.js';
import type { Gate } from '../../gate/gate.js';
import { runCommand } from '../../gate/run-command.js';

/** The EFI system partition: a FAT, read without a mount. */
export interface FirmwareVolume {
  /** Paths of its files, without a leading slash, as they are written. */
  files: string[];
  /** A path as it is written on the volume, whatever its case; `undefined` where there is none. */
  find(name: string): string | undefined;
  /** Copies a file out, once; gives its path on the host. */
  copy(name: string): Promise<string>;
}

/** mtools refuses geometries that no firmware cares about. */
const ENVIRONMENT = { MTOOLS_SKIP_CHECK: '1' };

/** Lists the EFI system partition. @throws KilnError COMMAND_FAILED when it is no FAT; TOOL_MISSING. */
export async function openFirmwareVolume({
  gate,
  disk,
  partition,
  work,
}: {
  gate: Gate;
  disk: string;
  partition: DiskPartition;
  work: string;
}): Promise<FirmwareVolume> {
  const device = `${disk}@@${partition.offset}`;
  const command = { env: ENVIRONMENT, reason: 'read the EFI system partition' };
  const listing = await runCommand(
    gate,
    { ...command, file: 'mdir', args: ['-/', '-b', '-a', '-i', device, '::'] },
    { capture: true },
  );
  const files = parseListing(listing);
  return {
    files,
    find: (name) => files.find((file) => file.toLowerCase() === name.toLowerCase()),
    async copy(name) {
      const copy = path.join(work, `esp-${name.replaceAll('/', '-')}`);
      const there = await access(copy).then(
        () => true,
        () => false,
      );
      if (!there)
        await runCommand(gate, { ...command, file: 'mcopy', args: ['-i', device, `::/${name}`, copy] });
      return copy;
    },
  };
}

/** `mdir -b` prints one path per line; those of folders end with a slash. */
function parseListing(listing: string): string[] {
  return listing
    .split('\n')
    .map((line) => line.trim().replace(/^::\/?/, ''))
    .filter((line) => line !== '' && !line.endsWith('/'));
}
