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
const REACHED =
  /(^|\n)[\w.-]+ login: |Reached target .*(multi-user\.target|Multi-User System)|You are in emergency mode/;
/**
 * The prompt comes before the last units have started, and units that wait for another machine never finish, so after
 * the prompt the guest has until it is idle (below `idleShare` of one processor over `window` ms) or `limit` ms.
 */
const SETTLE = { window: 5000, idleShare: 0.15, limit: { kvm: 60_000, tcg: 240_000 } } as const;

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
    if (!REACHED.test(console)) continue;
    const toLogin = (Date.now() - started) / 1000;
    await settle({ machine, limit: SETTLE.limit[accelerator], progress, signal });
    return { end: 'reached', toLogin };
  }
  return { end: 'timeout', toLogin: undefined };
}

async function settle({
  machine,
  limit,
  progress,
  signal,
}: {
  machine: VirtualMachine;
  limit: number;
  progress: Progress;
  signal: AbortSignal;
}): Promise<void> {
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
