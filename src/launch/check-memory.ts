import { readFile } from 'node:fs/promises';
import { KilnError } from '../errors.js';
import type { ClusterNode } from './types.js';

/** Refuses nodes that want more memory than this machine has free. @throws KilnError LAUNCH_REFUSED. */
export async function checkMemory(nodes: readonly ClusterNode[]): Promise<void> {
  const available = availableMemory(await readFile('/proc/meminfo', 'utf8'));
  const wanted = nodes.reduce((sum, { memoryMiB }) => sum + memoryMiB, 0);
  if (wanted <= available) return;
  // One that ran keeps the memory it has.
  const mends = nodes.some(({ started }) => started === undefined)
    ? ', give each new one less with --memory,'
    : '';
  const many = nodes.length === 1 ? '1 node wants' : `${nodes.length} nodes want`;
  throw new KilnError(
    'LAUNCH_REFUSED',
    `${many} ${wanted} MiB of memory; this machine has ${available} MiB free`,
    {
      hint: `Launch fewer${mends} or end what else runs here.`,
    },
  );
}

/** MiB that can be had without swapping, from the text of proc(5) meminfo. */
export function availableMemory(meminfo: string): number {
  const kibibytes = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo)?.[1];
  if (kibibytes === undefined) throw new Error('/proc/meminfo has no MemAvailable');
  return Math.floor(Number(kibibytes) / 1024);
}
