import type { BootCheck, BootContext, CheckOutcome, CheckResult } from '../types.js';
import { BOOT_CHECKS } from './boot-checks.js';

/** Every check of a boot, in the order of the report. A check that had nothing to look at is skipped, never passed. */
export function runBootChecks(context: BootContext): CheckResult[] {
  const checks = BOOT_CHECKS.filter((check) => check.applies?.(context) ?? true);
  return checks.map((check) => resultOf(check, check.run(context)));
}

/** One square of the grid from what a check said. */
export function resultOf(
  { name: check, title }: Pick<BootCheck, 'name' | 'title'>,
  outcome: CheckOutcome,
): CheckResult {
  if ('skipped' in outcome) {
    return { check, title, status: 'skipped', examined: 0, problems: [], reason: outcome.skipped };
  }
  const { examined, problems, notes = [] } = outcome;
  if (examined === 0 && problems.length === 0) {
    const reason = notes.join('; ') || 'the plan has nothing of this kind';
    return { check, title, status: 'skipped', examined, problems, reason };
  }
  const status = problems.length === 0 ? 'passed' : 'failed';
  return { check, title, status, examined, problems, reason: '', ...(notes.length === 0 ? {} : { notes }) };
}
