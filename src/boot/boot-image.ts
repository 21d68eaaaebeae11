import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Gate } from '../gate/gate.js';
import type { Progress } from '../progress.js';
import { type Boot, bootOnce } from './boot-once.js';
import { detectAccelerator, rememberAccelerator } from './detect-accelerator.js';
import type { ProbeRequest } from './probe/probe-request.js';
import { qemuRig } from './qemu-rig.js';
import type { Rig } from './rig.js';
import { startTimeServer } from './time-server.js';

export interface BootOptions {
  gate: Gate;
  /** A finished disk, raw or qcow2; never written to. */
  disk: string;
  /** What it is booted as, for whoever reads what is done. */
  title?: string;
  /** What the NoCloud seed holds; `undefined` boots without any. */
  seed: { userData: string; metaData: string } | undefined;
  /** What to read inside the guest; `undefined` reads only what is left on its disk. Needs a seed, which carries it in. */
  probe?: Omit<ProbeRequest, 'timeServer'> | undefined;
  /** Further raw disks, read-only, such as the one that carries a cluster's identity. */
  disks?: readonly string[];
  /** How often the same disk is booted, one after the other; 1 by default. */
  boots?: number;
  /** How much larger than the image the disk is, in bytes: it must be grown at the first boot. */
  growBytes?: number;
  /** Time the guest has to show a login prompt, by default what suits the rig. */
  timeoutSeconds?: number;
  memoryMiB?: number;
  /** What the machine runs on; QEMU, with KVM where it works, by default. */
  rig?: Rig | undefined;
  progress: Progress;
}

/**
 * Boots a copy-on-write copy of a finished disk, powers it off by its power button and reads what it did: from the journal
 * on its own disk and, with `probe`, from what a script brought by the seed's vendor data saw inside. Nothing is added to
 * the disk, no login is needed. The machine and all temporary files are gone when this returns or throws. One result for
 * each boot; none in a dry run.
 *
 * @throws KilnError BOOT_FAILED when the guest panics or leaves no journal; IMAGE_INVALID; TOOL_MISSING; INTERRUPTED.
 */
export async function bootImage(options: BootOptions): Promise<Boot[]> {
  const { gate } = options;
  const rig = options.rig ?? qemuRig(await detectAccelerator(gate));
  if (gate.dryRun) {
    const { disk: target, title: reason } = options;
    await gate.perform({ verb: 'boot', target, ...(reason && { reason }) }, async () => undefined);
    return [];
  }
  const boots = await bootAll(options, rig);
  if (boots !== undefined) return boots;
  // KVM passed the probe and failed on the image's own kernel: emulate from here on.
  await rememberAccelerator('tcg');
  return (await bootAll(options, qemuRig('tcg'))) ?? [];
}

/** `undefined` when the accelerator gave up, which only KVM does. */
async function bootAll(options: BootOptions, rig: Rig): Promise<Boot[] | undefined> {
  const { gate, disk, progress, growBytes = 0, boots = 1 } = options;
  const folder = await mkdtemp(path.join(process.env.TMPDIR || '/var/tmp', 'kiln-boot-'));
  const timeServer = options.probe === undefined ? undefined : await startTimeServer();
  try {
    const copy = await rig.copyDisk({ gate, disk, folder, growBytes, progress });
    const results: Boot[] = [];
    for (let number = 1; number <= boots; number++) {
      const boot = await bootOnce({ options, rig, folder, copy, number, timePort: timeServer?.port });
      if (boot === undefined) return undefined;
      results.push(boot);
    }
    return results;
  } finally {
    await timeServer?.close();
    await rm(folder, { recursive: true, force: true });
  }
}
