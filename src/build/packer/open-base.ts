import { constants } from 'node:fs';
import { access, truncate } from 'node:fs/promises';
import path from 'node:path';
import { digestFile, parseDigest } from '../../artifacts/digest.js';
import { DownloadProblem } from '../../artifacts/download.js';
import { fetchBlob, MissingBlob } from '../../artifacts/fetch-blob.js';
import { KilnError } from '../../errors.js';
import type { Gate } from '../../gate/gate.js';
import { runCommand } from '../../gate/run-command.js';
import type { Progress } from '../../progress.js';
import { readPartitions } from '../disk/read-partitions.js';

/** Where a bake starts from: a file of the user's, or the distribution's cloud image, which always has a digest. */
export type PackerBase = { file: string; digest?: string | undefined } | { url: string; digest: string };

/** A base that was found whole. */
export interface OpenedBase {
  file: string;
  format: 'qcow2' | 'raw';
  /** Bytes, as the machine sees the disk. */
  size: number;
  firmware: 'uefi' | 'bios';
}

/** UEFI specification 2.10, section 5: the EFI system partition in a GPT, and in an MBR table. */
const ESP_TYPES = ['c12a7328-f81f-11d2-ba4b-00a0c93ec93b', 'ef'];
/** A GPT's header and its 128 entries. */
const TABLE_SECTORS = 34;

/**
 * Finds the base image (a URL through the cache, the mirror and the network), checks its digest, and reads from the disk
 * how it boots.
 *
 * @throws KilnError BASE_UNREACHABLE, DIGEST_MISMATCH, IMAGE_INVALID.
 */
export async function openBase({
  gate,
  base,
  mirror,
  offline = false,
  folder,
  progress,
}: {
  gate: Gate;
  base: PackerBase;
  mirror?: string | undefined;
  offline?: boolean;
  folder: string;
  progress: Progress;
}): Promise<OpenedBase> {
  const file =
    'file' in base ? await checkFile(base) : await fetchBase({ gate, base, mirror, offline, progress });
  return { file, ...(await inspect(gate, file, folder)) };
}

async function checkFile({ file, digest }: { file: string; digest?: string | undefined }): Promise<string> {
  const found = path.resolve(file);
  try {
    await access(found, constants.R_OK);
  } catch (error) {
    throw new KilnError(
      'BASE_UNREACHABLE',
      `The base image ${found} cannot be read: ${(error as Error).message}`,
      {
        hint: 'Give --base an image file of the distribution (qcow2 or raw); `bake base --os debian12 --out FILE` makes one.',
      },
    );
  }
  if (digest === undefined) return found;
  const actual = await digestFile(found, parseDigest(digest).algorithm);
  if (actual === digest) return found;
  throw new KilnError(
    'DIGEST_MISMATCH',
    `Wrong digest for the base image ${found}\n  expected ${digest}\n  actual   ${actual}`,
    {
      hint: 'The file is damaged or another one: fetch it again, or correct the digest in the lock.',
    },
  );
}

async function fetchBase({
  gate,
  base: { url, digest },
  mirror,
  offline,
  progress,
}: {
  gate: Gate;
  base: { url: string; digest: string };
  mirror: string | undefined;
  offline: boolean;
  progress: Progress;
}): Promise<string> {
  progress.step(`Fetching the base image ${path.basename(url)}`);
  const session = {
    gate,
    mirror,
    offline,
    progress,
    settings: undefined,
    unreachable: new Map<string, string>(),
  };
  try {
    const file = await fetchBlob({ name: 'base image', url, digest }, session, gate.signal);
    return file ?? path.basename(url);
  } catch (error) {
    if (error instanceof DownloadProblem) throw unreachable(url, error.reason);
    if (error instanceof MissingBlob)
      throw unreachable(url, 'it is in neither the cache nor the mirror, and --offline is set');
    throw error;
  }
}

function unreachable(url: string, reason: string): KilnError {
  return new KilnError('BASE_UNREACHABLE', `The base image could not be fetched: ${reason}\n  from ${url}`, {
    hint: 'Give a downloaded image with --base FILE, or a mirror that holds it with --mirror DIR.',
  });
}

async function inspect(gate: Gate, file: string, folder: string): Promise<Omit<OpenedBase, 'file'>> {
  if (gate.dryRun) return { format: 'qcow2', size: 0, firmware: 'uefi' };
  const info = await runCommand(
    gate,
    { file: 'qemu-img', args: ['info', '--output=json', file], reason: 'inspect the base image' },
    { capture: true },
  );
  const { format, 'virtual-size': size } = JSON.parse(info) as { format: string; 'virtual-size': number };
  if (format !== 'qcow2' && format !== 'raw') throw notADisk(file, `its format is ${format}`);
  const uefi = await hasEfiPartition({ gate, file, format, size, folder });
  return { format, size, firmware: uefi ? 'uefi' : 'bios' };
}

/** Looks at a copy of the disk's first sectors, stretched to its size: sfdisk reads raw disks only. */
async function hasEfiPartition({
  gate,
  file,
  format,
  size,
  folder,
}: {
  gate: Gate;
  file: string;
  format: string;
  size: number;
  folder: string;
}): Promise<boolean> {
  const table = path.join(folder, 'base-partition-table');
  await runCommand(gate, {
    file: 'qemu-img',
    args: ['dd', '-f', format, '-O', 'raw', 'bs=512', `count=${TABLE_SECTORS}`, `if=${file}`, `of=${table}`],
    reason: 'read the partition table of the base image',
  });
  await truncate(table, size);
  try {
    return (await readPartitions(gate, table)).some(({ type }) => ESP_TYPES.includes(type));
  } catch (error) {
    if (!(error instanceof KilnError) || error.code !== 'COMMAND_FAILED') throw error;
    throw notADisk(file, 'it has no partition table');
  }
}

function notADisk(file: string, reason: string): KilnError {
  return new KilnError('IMAGE_INVALID', `${file} is no disk image to start from: ${reason}`, {
    hint: 'A base is a qcow2 or raw disk of the distribution, as it publishes for clouds.',
  });
}
