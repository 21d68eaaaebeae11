import { placeText } from '../load-units.js';
import type { UnitEntry } from '../parse-unit.js';
import type { LintProblem } from '../types.js';

/** An error at one assignment of a unit. */
export function errorAt(rule: string, subject: string, entry: UnitEntry, message: string): LintProblem {
  return { rule, severity: 'error', subject, message: `${message} (${placeText(entry)})` };
}

/** An error of a whole unit or file. */
export function errorIn(rule: string, subject: string, message: string): LintProblem {
  return { rule, severity: 'error', subject, message };
}

/** A warning at one assignment of a unit. */
export function warningAt(rule: string, subject: string, entry: UnitEntry, message: string): LintProblem {
  return { rule, severity: 'warning', subject, message: `${message} (${placeText(entry)})` };
}
