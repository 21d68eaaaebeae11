import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../progress.js';
import type { Accelerator } from './types.js';
import type { VirtualMachine } from './virtual-machine.js';

export interface BootWait {
  end: 'reached' | 'timeout' | 'panic' | 'exited' | 'accelerator-failed';
  /** Seconds from the call to the login prompt. */
  toLogin: number | undefined;
}

const POLL = 500;
const PANIC = /Kernel panic - not syncing/;
const PROMPT = /(^|\n)[\w.-]+ login: |You are in emergency mode/;
const ALL_STARTED = /Reached target .*(multi-user\.target|Multi-User System)/;
/** A guest that says on the console what it starts also says when it is done. */
const TALKS = /\[ {2}OK {2}\]/;
/**
 * The prompt comes before the last units have started, and a unit may wait for another machine for ever, so after the
 * prompt the guest has `units` ms for its start-up to end, then `idle` ms to come to rest: below `idleShare` of one
 * processor over `window` ms.
 */
const SETTLE = {
  units: { kvm: 90_000, tcg: 240_000 },
  idle: { kvm: 20_000, tcg: 60_000 },
  window: 5000,
  idleShare: 0.15,
} as const;

/** Waits until the guest has booted and come to rest, or cannot any more. @throws when `signal` aborts. */
export async function waitForBoot({
  machine,
  accelerator,
  timeoutSeconds,
  progress,
  signal,
}: {
  machine: VirtualMachine;
  accelerator: Accelerator;
  timeoutSeconds: number;
  progress: Progress;
  signal: AbortSignal;
}): Promise<BootWait> {
  const started = Date.now();
  while (Date.now() - started < timeoutSeconds * 1000) {
    await sleep(POLL, undefined, { signal });
    const console = await machine.console();
    progress.note(`waiting for the login prompt; console: ${lastLine(console)}`);
    if (PANIC.test(console)) return { end: 'panic', toLogin: undefined };
    if (!machine.isRunning()) return { end: 'exited', toLogin: undefined };
    if (accelerator === 'kvm' && (await machine.status()) === 'internal-error') {
      return { end: 'accelerator-failed', toLogin: undefined };
    }
    if (!PROMPT.test(console) && !ALL_STARTED.test(console)) continue;
    const toLogin = (Date.now() - started) / 1000;
    if (TALKS.test(console))
      await waitForUnits({ machine, limit: SETTLE.units[accelerator], progress, signal });
    await settle({ machine, limit: SETTLE.idle[accelerator], progress, signal });
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
}

async function waitForUnits({ machine, limit, progress, signal }: Settling): Promise<void> {
  const deadline = Date.now() + limit;
  while (Date.now() < deadline && machine.isRunning()) {
    const console = await machine.console();
    if (ALL_STARTED.test(console)) return;
    progress.note(`waiting for the last units; console: ${lastLine(console)}`);
    await sleep(POLL, undefined, { signal });
  }
}

async function settle({ machine, limit, progress, signal }: Settling): Promise<void> {
  const deadline = Date.now() + limit;
  while (Date.now() < deadline && machine.isRunning()) {
    const before = await machine.processorSeconds();
    await sleep(Math.min(SETTLE.window, deadline - Date.now()), undefined, { signal });
    const after = await machine.processorSeconds();
    if (before === undefined || after === undefined) continue;
    progress.note(
      `booted; waiting until it is idle (${(after - before).toFixed(1)} s of processor time in the last 5 s)`,
    );
    if (after - before < (SETTLE.window / 1000) * SETTLE.idleShare) return;
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
