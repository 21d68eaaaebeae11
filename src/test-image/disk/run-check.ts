import { KilnError } from '../../errors.js';
import type { CheckOutcome, CheckResult } from '../types.js';
import type { DiskCheck } from './disk-context.js';

/**
 * Runs one check and puts its outcome into the square of the grid. What a check cannot read is a failure of that check; a
 * missing tool or an interrupt ends all of them.
 */
export async function runCheck<Disk>(check: DiskCheck<Disk>, disk: Disk): Promise<CheckResult> {
  return toResult(check, await check.run(disk).catch(failed));
}

/** A check that could not be run at all. */
export function skipCheck<Disk>(check: DiskCheck<Disk>, reason: string): CheckResult {
  return toResult(check, { skipped: reason });
}

function failed(error: unknown): CheckOutcome {
  const isFinding = error instanceof KilnError && ['COMMAND_FAILED', 'IMAGE_INVALID'].includes(error.code);
  if (!isFinding) throw error;
  const hint = error.hint === undefined ? {} : { hint: error.hint };
  return { examined: 1, problems: [{ subject: 'disk', message: error.message, ...hint }] };
}

function toResult({ name, title }: { name: string; title: string }, outcome: CheckOutcome): CheckResult {
  const square = { check: name, title };
  if ('skipped' in outcome)
    return { ...square, status: 'skipped', examined: 0, problems: [], reason: outcome.skipped };
  const { examined, problems } = outcome;
  return { ...square, status: problems.length === 0 ? 'passed' : 'failed', examined, problems, reason: '' };
}
