import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** One run of a whole process: wall seconds and its peak memory in MiB. */
export interface Run {
  seconds: number;
  peakMiB: number;
}

/**
 * Runs a command and reports wall time and the peak memory of that process alone (not of what it starts), read from
 * /proc while it runs. Its output is thrown away.
 */
export async function measure(
  file: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Run> {
  const started = process.hrtime.bigint();
  const child = spawn(file, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...env },
  });
  let peakMiB = 0;
  const timer = setInterval(() => {
    peakMiB = Math.max(peakMiB, peakOf(child.pid));
  }, 20);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('exit', resolve);
    child.once('error', reject);
  });
  clearInterval(timer);
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}`);
  return { seconds: Number(process.hrtime.bigint() - started) / 1e9, peakMiB };
}

/** Runs A and B in turn, so that a noisy machine disturbs both alike; medians and their ratio. */
export async function compare(
  runs: number,
  baseline: () => Promise<Run>,
  subject: () => Promise<Run>,
): Promise<{ baseline: number; subject: number; ratio: number }> {
  const [left, right]: [number[], number[]] = [[], []];
  for (let index = 0; index < runs; index += 1) {
    left.push((await baseline()).seconds);
    right.push((await subject()).seconds);
  }
  const [a, b] = [median(left), median(right)];
  return { baseline: a, subject: b, ratio: b / a };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function peakOf(pid: number | undefined): number {
  if (pid === undefined) return 0;
  const status = readStatus(pid);
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? 0 : Number(kibibytes) / 1024;
}

function readStatus(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
