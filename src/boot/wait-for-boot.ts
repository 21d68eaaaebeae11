import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../progress.js';
import type { ProbeStatus } from './probe/probe-disk.js';
import type { RigAccelerator } from './types.js';
import type { VirtualMachine } from './virtual-machine.js';

export interface BootWait {
  end: 'reached' | 'emergency' | 'timeout' | 'panic' | 'exited' | 'accelerator-failed';
  /** Seconds from the call to the login prompt. */
  toLogin: number | undefined;
}

const POLL = 500;
const PROBE_POLL = 250;
/** Milliseconds a probe that has begun may take: it waits for the last units, then hashes and runs every program. */
const PROBE_LIMIT = 300_000;
const PANIC = /Kernel panic - not syncing/;
const EMERGENCY = /You are in (emergency|rescue) mode/;
/** agetty writes the host's name first, then the rest: another's line may come between. */
const PROMPT = /(^|\n)([\w.-]+ )?login: /;
const ALL_STARTED = /Reached target .*(multi-user\.target|Multi-User System)/;
/**
 * systemd stops talking on a console once a login prompt is there, which is before the last units have started, and some
 * units wait for another machine for ever. So after the prompt the guest has `limit` ms to come to rest: `windows` times
 * in a row below `idleShare` of one processor over `window` ms. A start job still open then is in the report.
 */
const SETTLE = {
  window: 5000,
  windows: 3,
  idleShare: 0.15,
  limit: { kvm: 60_000, tcg: 120_000, uml: 60_000 },
} as const;

/** Waits until the guest has booted and come to rest, or cannot any more. @throws when `signal` aborts. */
export async function waitForBoot({
  machine,
  accelerator,
  timeoutSeconds,
  progress,
  signal,
  probe,
  window = SETTLE.window,
}: {
  machine: VirtualMachine;
  accelerator: RigAccelerator;
  timeoutSeconds: number;
  progress: Progress;
  signal: AbortSignal;
  /** How far the probe in the guest is; where there is none, a guest that has come to rest is all there is to wait for. */
  probe?: (() => Promise<ProbeStatus>) | undefined;
  /** Milliseconds over which idleness is measured; shorter in tests. */
  window?: number;
}): Promise<BootWait> {
  const started = Date.now();
  while (Date.now() - started < timeoutSeconds * 1000) {
    await sleep(POLL, undefined, { signal });
    const console = await machine.console();
    progress.note(`waiting for the login prompt; console: ${lastLine(console)}`);
    if (PANIC.test(console)) return { end: 'panic', toLogin: undefined };
    if (EMERGENCY.test(console)) return { end: 'emergency', toLogin: undefined };
    if (!machine.isRunning()) return { end: 'exited', toLogin: undefined };
    if (accelerator === 'kvm' && (await machine.status()) === 'internal-error') {
      return { end: 'accelerator-failed', toLogin: undefined };
    }
    if (!PROMPT.test(console) && !ALL_STARTED.test(console)) continue;
    const toLogin = (Date.now() - started) / 1000;
    await settle({
      machine,
      limit: SETTLE.limit[accelerator],
      progress,
      signal,
      window,
      probe,
    });
    return { end: 'reached', toLogin };
  }
  return { end: 'timeout', toLogin: undefined };
}

interface Settling {
  machine: VirtualMachine;
  /** Milliseconds. */
  limit: number;
  progress: Progress;
  signal: AbortSignal;
  window: number;
  probe: (() => Promise<ProbeStatus>) | undefined;
}

/** Waits for the probe once it has begun, else until the guest is idle. */
async function settle({ machine, limit, progress, signal, window, probe }: Settling): Promise<void> {
  let deadline = Date.now() + limit;
  let quiet = 0;
  let begun = false;
  while (quiet < SETTLE.windows && Date.now() < deadline && machine.isRunning()) {
    const before = await machine.processorSeconds();
    const end = Math.min(Date.now() + window, deadline);
    while (Date.now() < end) {
      await sleep(Math.min(PROBE_POLL, end - Date.now()), undefined, { signal });
      const state = (await probe?.())?.state;
      if (state === 'finished') return;
      if (state === 'started' && !begun) {
        begun = true;
        deadline += PROBE_LIMIT;
      }
    }
    const after = await machine.processorSeconds();
    if (before === undefined || after === undefined) continue;
    const used = `${(after - before).toFixed(1)} s of processor time in the last ${window / 1000} s`;
    progress.note(
      begun ? `booted; the probe is reading (${used})` : `booted; waiting until it is idle (${used})`,
    );
    quiet = !begun && after - before < (window / 1000) * SETTLE.idleShare ? quiet + 1 : 0;
  }
}

function lastLine(console: string): string {
  return (
    console
      .split('\n')
      .findLast((line) => line.trim() !== '')
      ?.trim()
      .slice(0, 100) ?? '(nothing yet)'
  );
}
