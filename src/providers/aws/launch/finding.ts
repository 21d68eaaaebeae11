import { KilnError } from '../../../errors.js';

/** Something a launch is refused for, with its mend; `forcible`: --force makes it a warning. */
export interface Finding {
  text: string;
  forcible?: true;
}

/** Refuses with all of them at once, or returns as warnings what was forced. @throws KilnError LAUNCH_REFUSED */
export function refuseFindings(findings: readonly Finding[], { force }: { force: boolean }): string[] {
  const standing = findings.filter(({ forcible }) => !(force && forcible));
  if (standing.length === 0) return findings.map(({ text }) => text);
  const [first] = standing;
  throw new KilnError(
    'LAUNCH_REFUSED',
    standing.length === 1 && first !== undefined
      ? `Refused, and nothing was changed: ${first.text}`
      : `Refused, and nothing was changed:\n${standing.map(({ text }) => `  ${text}`).join('\n')}`,
    standing.every(({ forcible }) => forcible)
      ? { hint: 'If that is meant, --force launches all the same.' }
      : {},
  );
}
