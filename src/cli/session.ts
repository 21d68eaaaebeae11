import { KilnError } from '../errors.js';
import { createGate, type Gate } from '../gate/gate.js';
import type { Progress } from '../progress.js';
import { createProgress } from './create-progress.js';
import { programName } from './program-name.js';

/** What every verb that acts is given: the gate, which ends on Ctrl-C, and the talk on stderr. */
export interface Session {
  gate: Gate;
  progress: Progress;
}

/**
 * Runs a verb's work with a gate that Ctrl-C, SIGTERM and SIGHUP interrupt. The first signal lets the work tidy up (VMs,
 * mounts and temporary files go), the second ends kiln at once.
 */
export async function withSession<T>(
  { dryRun = false }: { dryRun?: boolean | undefined },
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    process.stderr.write(`\n${programName()}: stopping; tidying up (again to stop at once)\n`);
    controller.abort(new KilnError('INTERRUPTED', 'interrupted; nothing half-made was left behind'));
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, stop);
  const progress = createProgress(process.stderr);
  try {
    return await work({ gate: createGate({ dryRun, signal: controller.signal }), progress });
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    progress.end();
    for (const signal of signals) process.off(signal, stop);
  }
}
