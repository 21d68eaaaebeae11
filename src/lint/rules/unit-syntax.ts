import { placeText } from '../load-units.js';
import type { LintContext, LintProblem } from '../types.js';
import { errorIn } from './problem.js';

/** Lines systemd would skip with a warning: neither a section, an assignment nor a comment. */
export function unitSyntax({ units }: LintContext): LintProblem[] {
  return [...units.units.values()].flatMap((unit) =>
    unit.syntax.map((problem) =>
      errorIn('unit-syntax', unit.name, `"${problem.text}" is no assignment (${placeText(problem)})`),
    ),
  );
}
