import { createHash } from 'node:crypto';
import { open, readFile, truncate } from 'node:fs/promises';
import path from 'node:path';
import { type TarEntry, writeTar } from '../../artifacts/write-tar.js';
import { KilnError } from '../../errors.js';
import type { Gate } from '../../gate/gate.js';
import { repositoryPath } from '../../repository.js';
import type { ProbeRequest } from './probe-request.js';

/** The disk's serial number: what the guest finds it by under QEMU. */
export const PROBE_SERIAL = 'KILNPROBE';

const BLOCK = 512;
/** What the host gives is at the start, a line about how far the guest is at 8 MiB, its facts from 9 MiB on. */
const STATUS_BLOCK = (8 * 1024 * 1024) / BLOCK;
const FACTS_BLOCK = (9 * 1024 * 1024) / BLOCK;
const DISK_SIZE = 64 * 1024 * 1024;
/** How long the same start jobs may stay open before the probe no longer waits for them. */
const SETTLE_SECONDS = 45;
/** Bytes up to which every boot hashes a file: configuration and scripts, not programs. */
const SMALL_FILE = 2 ** 20;

/** How far the probe in the guest is; `at` is the guest's clock in seconds since 1970. */
export type ProbeStatus =
  | { state: 'none' | 'started' }
  | { state: 'finished'; size: number; sha256: string; at: number };

/** Makes the raw disk that takes the probe and its lists into the guest and its facts out. Returns its path in `folder`. */
export async function makeProbeDisk(gate: Gate, folder: string, request: ProbeRequest): Promise<string> {
  const file = path.join(folder, 'probe.img');
  const script = await readFile(repositoryPath('cloudinit', 'probe', 'collect'), 'utf8');
  await gate.perform(
    { verb: 'write', target: file, reason: 'carry the probe into the guest' },
    async (signal) => {
      await writeTar({
        entries: [{ path: 'collect', mode: 0o755, content: script }, ...lists(request)],
        to: file,
        signal,
      });
      await truncate(file, DISK_SIZE);
    },
  );
  return file;
}

function lists({ units, sysctls, paths, programs, thorough, timeServer }: ProbeRequest): TarEntry[] {
  const settings = {
    STATUS_BLOCK,
    FACTS_BLOCK,
    SETTLE_SECONDS,
    HASH_LIMIT: thorough ? Number.MAX_SAFE_INTEGER : SMALL_FILE,
    TIME_ADDRESS: timeServer.address,
    TIME_PORT: timeServer.port,
  };
  const texts: Record<string, readonly string[]> = {
    units,
    sysctls,
    paths,
    programs: programs.map((words) => words.join(' ')),
    settings: Object.entries(settings).map(([name, value]) => `${name}=${value}`),
  };
  return Object.entries(texts).map(([name, lines]) => ({
    path: name,
    mode: 0o644,
    content: lines.map((line) => `${line}\n`).join(''),
  }));
}

/** What the guest last wrote about itself. */
export async function readProbeStatus(file: string): Promise<ProbeStatus> {
  const [mark, state, size = '', sha256 = '', at = ''] = (await readBytes(file, STATUS_BLOCK, BLOCK))
    .toString('latin1')
    .replaceAll('\0', '')
    .trim()
    .split(' ');
  if (mark !== 'KILN-PROBE') return { state: 'none' };
  if (state !== 'finished') return { state: 'started' };
  return { state: 'finished', size: Number(size), sha256, at: Number(at) };
}

/** The files the guest wrote, by name. @throws KilnError BOOT_FAILED when they are not what it said it wrote. */
export async function readProbeFiles(
  file: string,
  { size, sha256 }: { size: number; sha256: string },
): Promise<Map<string, string>> {
  const bytes = await readBytes(file, FACTS_BLOCK, size);
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
    throw new KilnError('BOOT_FAILED', 'The facts the machine wrote about itself arrived damaged');
  }
  return untar(bytes);
}

async function readBytes(file: string, block: number, size: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, block * BLOCK);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function untar(bytes: Buffer): Promise<Map<string, string>> {
  const { Parser } = await import('tar');
  const files = new Map<string, string>();
  const parser = new Parser({
    onReadEntry(entry) {
      const chunks: Buffer[] = [];
      entry.on('data', (chunk) => chunks.push(chunk));
      entry.on('end', () => {
        if (entry.type === 'File')
          files.set(path.posix.normalize(entry.path), Buffer.concat(chunks).toString('utf8'));
      });
    },
  });
  parser.end(bytes);
  return files;
}
