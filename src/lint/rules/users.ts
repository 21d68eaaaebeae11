import { lastValueOf } from '../load-units.js';
import type { LintContext, LintProblem } from '../types.js';
import { errorIn } from './problem.js';

/** Users every distribution has. */
const ALWAYS = ['root', 'nobody'];

/** A service runs as a user the image has. */
export function serviceUsers({ plan, units }: LintContext): LintProblem[] {
  const known = new Set([...ALWAYS, ...plan.users.map((user) => user.name)]);
  return [...units.units.values()].flatMap((unit) => {
    const user = lastValueOf(unit, 'Service', 'User');
    if (user === undefined || user === '' || known.has(user)) return [];
    return [errorIn('service-user', unit.name, `runs as ${user}, a user the image does not have`)];
  });
}
