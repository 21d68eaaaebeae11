import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../progress.js';
import type { Accelerator } from './types.js';
import type { VirtualMachine } from './virtual-machine.js';

export interface BootWait {
  end: 'reached' | 'emergency' | 'timeout' | 'panic' | 'exited' | 'accelerator-failed';
  /** Seconds from the call to the login prompt. */
  toLogin: number | undefined;
}

const POLL = 500;
const PANIC = /Kernel panic - not syncing/;
const EMERGENCY = /You are in (emergency|rescue) mode/;
const PROMPT = /(^|\n)[\w.-]+ login: /;
const ALL_STARTED = /Reached target .*(multi-user\.target|Multi-User System)/;
/**
 * systemd stops talking on a console once a login prompt is there, which is before the last units have started, and some
 * units wait for another machine for ever. So after the prompt the guest has `limit` ms to come to rest: `windows` times
 * in a row below `idleShare` of one processor over `window` ms. A start job still open then is in the report.
 */
const SETTLE = { window: 5000, windows: 3, idleShare: 0.15, limit: { kvm: 60_000, tcg: 120_000 } } as const;

/** Waits until the guest has booted and come to rest, or cannot any more. @throws when `signal` aborts. */
export async function waitForBoot({
  machine,
  accelerator,
  timeoutSeconds,
  progress,
  signal,
  window = SETTLE.window,
}: {
  machine: VirtualMachine;
  accelerator: Accelerator;
  timeoutSeconds: number;
  progress: Progress;
  signal: AbortSignal;
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
    await settle({ machine, limit: SETTLE.limit[accelerator], progress, signal, window });
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
}

async function settle({ machine, limit, progress, signal, window }: Settling): Promise<void> {
  const deadline = Date.now() + limit;
  let quiet = 0;
  while (quiet < SETTLE.windows && Date.now() < deadline && machine.isRunning()) {
    const before = await machine.processorSeconds();
    await sleep(Math.min(window, deadline - Date.now()), undefined, { signal });
    const after = await machine.processorSeconds();
    if (before === undefined || after === undefined) continue;
    const used = (after - before).toFixed(1);
    progress.note(
      `booted; waiting until it is idle (${used} s of processor time in the last ${window / 1000} s)`,
    );
    quiet = after - before < (window / 1000) * SETTLE.idleShare ? quiet + 1 : 0;
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
