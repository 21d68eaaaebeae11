import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type { Gate } from '../gate/gate.js';
import { runCommand } from '../gate/run-command.js';
import { findFirmware } from './firmware.js';
import { stoppableGate } from './stoppable-gate.js';
import type { Accelerator } from './types.js';

/** The firmware greets within 1 s under a working KVM and fails within 0.3 s under a broken one. */
const PROBE_TIMEOUT = 8000;
const WORKS = /BdsDxe|UEFI|EDK II|Shell>/;
const BROKEN =
  /KVM internal error|failed to initialize|Could not access KVM|invalid accelerator|emulation failure/i;

/**
 * Whether this machine's KVM can run a guest, found by running one: /dev/kvm may open and still fail on the first
 * floating-point instruction. The UEFI firmware is the guest, as it is the first thing every image runs. The answer is
 * kept in the cache for as long as the host stays booted.
 *
 * @throws KilnError TOOL_MISSING when QEMU or the firmware is not installed.
 */
export async function detectAccelerator(
  gate: Gate,
  { cacheFile = defaultCacheFile(), device = '/dev/kvm' }: { cacheFile?: string; device?: string } = {},
): Promise<Accelerator> {
  const boot = await hostBoot();
  const known = await readCache(cacheFile, boot);
  if (known !== undefined) return known;
  const accelerator = (await isOpenable(device)) ? await probe(gate) : 'tcg';
  if (!gate.dryRun) await rememberAccelerator(accelerator, { cacheFile });
  return accelerator;
}

/** Keeps what a real boot taught about the accelerator, for this boot of the host. */
export async function rememberAccelerator(
  accelerator: Accelerator,
  { cacheFile = defaultCacheFile() }: { cacheFile?: string } = {},
): Promise<void> {
  const temporary = `${cacheFile}.${process.pid}`;
  await mkdir(path.dirname(cacheFile), { recursive: true });
  await writeFile(temporary, `${JSON.stringify({ boot: await hostBoot(), accelerator })}\n`);
  await rename(temporary, cacheFile);
}

function defaultCacheFile(): string {
  const cache = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
  return path.join(cache, 'kiln', 'accelerator.json');
}

async function hostBoot(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => 'unknown')).trim();
}

async function readCache(cacheFile: string, boot: string): Promise<Accelerator | undefined> {
  try {
    const known = JSON.parse(await readFile(cacheFile, 'utf8')) as { boot?: string; accelerator?: string };
    if (known.boot !== boot) return undefined;
    return known.accelerator === 'kvm' || known.accelerator === 'tcg' ? known.accelerator : undefined;
  } catch {
    return undefined;
  }
}

async function isOpenable(device: string): Promise<boolean> {
  const { open } = await import('node:fs/promises');
  try {
    await (await open(device, 'r+')).close();
    return true;
  } catch {
    return false;
  }
}

async function probe(gate: Gate): Promise<Accelerator> {
  const stop = new AbortController();
  let verdict: Accelerator = 'tcg';
  try {
    await runCommand(stoppableGate(gate, stop.signal), {
      file: 'qemu-system-x86_64',
      args: probeArguments(),
      timeout: PROBE_TIMEOUT,
      reason: 'find out whether KVM works here',
      onLine(line) {
        if (WORKS.test(line)) verdict = 'kvm';
        if (WORKS.test(line) || BROKEN.test(line)) stop.abort();
      },
    });
  } catch (error) {
    // Being stopped or running out of time is the normal end of the probe; a missing QEMU is not.
    gate.signal.throwIfAborted();
    if ((error as { code?: unknown }).code === 'TOOL_MISSING') throw error;
  }
  return verdict;
}

function probeArguments(): string[] {
  const machine = ['-machine', 'q35', '-accel', 'kvm', '-cpu', 'host', '-m', '256'];
  const bare = ['-nodefaults', '-no-user-config', '-display', 'none', '-net', 'none', '-no-reboot'];
  return [...machine, ...bare, '-serial', 'stdio', '-bios', findFirmware()];
}
