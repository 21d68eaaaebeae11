import { truncate, writeFile } from 'node:fs/promises';
import type { Gate } from '../../gate/gate.js';
import { runCommand } from '../../gate/run-command.js';

const MEBIBYTE = 2 ** 20;
/** GPT partition types: the EFI system partition, and "Linux root, x86-64" of the discoverable partitions specification. */
const ESP_TYPE = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B';
const ROOT_TYPE = '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709';

/**
 * Writes a GPT disk with an EFI system partition (number 15, as Debian's cloud images number it) and an ext4 root
 * (number 1, last on the disk, so that it can grow), without mounts, loop devices or device nodes.
 *
 * @param esp path on the EFI system partition → file on this machine.
 */
export async function layOutDisk({
  gate,
  disk,
  root,
  rootUuid,
  esp,
  diskMebibytes,
  espMebibytes,
}: {
  gate: Gate;
  disk: string;
  root: string;
  rootUuid: string;
  esp: Record<string, string>;
  diskMebibytes: number;
  espMebibytes: number;
}): Promise<void> {
  await writeFile(disk, '');
  await truncate(disk, diskMebibytes * MEBIBYTE);
  const rootStart = 1 + espMebibytes;
  // The backup GPT needs the disk's last sectors.
  const rootSize = diskMebibytes - rootStart - 1;
  const layout = [
    'label: gpt',
    `15 : start=1MiB, size=${espMebibytes}MiB, type=${ESP_TYPE}, name=esp`,
    `1 : start=${rootStart}MiB, size=${rootSize}MiB, type=${ROOT_TYPE}, name=root`,
  ];
  await runCommand(gate, {
    file: 'sfdisk',
    args: ['--quiet', disk],
    input: `${layout.join('\n')}\n`,
    reason: 'partition the disk',
  });
  await makeRoot({ gate, disk, root, rootUuid, start: rootStart, size: rootSize });
  await makeEsp({ gate, disk, esp, size: espMebibytes });
}

async function makeRoot({
  gate,
  disk,
  root,
  rootUuid,
  start,
  size,
}: {
  gate: Gate;
  disk: string;
  root: string;
  rootUuid: string;
  start: number;
  size: number;
}): Promise<void> {
  const offset = `offset=${start * MEBIBYTE}`;
  await runCommand(gate, {
    file: 'mkfs.ext4',
    args: ['-q', '-F', '-L', 'root', '-U', rootUuid, '-E', offset, '-d', root, disk, `${size}M`],
    reason: 'write the root filesystem',
  });
}

async function makeEsp({
  gate,
  disk,
  esp,
  size,
}: {
  gate: Gate;
  disk: string;
  esp: Record<string, string>;
  size: number;
}): Promise<void> {
  // It counts in KiB, its offset in sectors of 512 bytes; FAT32 this small needs clusters of one sector.
  await runCommand(gate, {
    file: 'mkfs.vfat',
    args: ['-F', '32', '-s', '1', '-n', 'ESP', '--offset', '2048', disk, String(size * 1024)],
    reason: 'write the EFI system partition',
  });
  const image = `${disk}@@${MEBIBYTE}`;
  const folders = new Set(Object.keys(esp).flatMap(parents));
  for (const folder of folders) {
    await runCommand(gate, {
      file: 'mmd',
      args: ['-i', image, `::${folder}`],
      reason: 'write the EFI system partition',
    });
  }
  for (const [target, file] of Object.entries(esp)) {
    await runCommand(gate, {
      file: 'mcopy',
      args: ['-i', image, file, `::${target}`],
      reason: 'write the EFI system partition',
    });
  }
}

/** `EFI/BOOT/x` → `EFI`, `EFI/BOOT`. */
function parents(file: string): string[] {
  const parts = file.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
