import { type LoadedUnit, namesOf } from '../load-units.js';
import type { LintContext, LintProblem } from '../types.js';
import { errorIn } from './problem.js';

const ORDER = ['After', 'Before'];
const NEED = ['Requires', 'Requisite', 'BindsTo', 'Upholds', 'Wants'];
const OTHER = ['PartOf', 'Conflicts', 'OnFailure', 'OnSuccess', 'PropagatesReloadTo', 'JoinsNamespaceOf'];

/** A unit named by a planned unit is planned itself or comes with the distribution; else the name is a mistake. */
export function unitReferences(context: LintContext): LintProblem[] {
  return [...context.units.units.values()].flatMap((unit) => [
    ...[...ORDER, ...NEED, ...OTHER].flatMap((key) => unknownNames(context, unit, key)),
    ...NEED.flatMap((key) => missingNeeds(context, unit, key)),
  ]);
}

/** Requisite= and BindsTo= on a unit that a role may hold back would fail or stop this one with it. */
export function bindsToGated({ plan, units }: LintContext): LintProblem[] {
  const gated = new Set(plan.roles.flatMap((role) => role.units));
  return [...units.units.values()].flatMap((unit) =>
    ['Requisite', 'BindsTo'].flatMap((key) =>
      namesOf(unit, 'Unit', key)
        .filter((name) => gated.has(name))
        .map((name) =>
          errorIn(
            'binds-to-gated',
            unit.name,
            `${key}=${name} fails where ${name} is skipped; use Wants= and After=`,
          ),
        ),
    ),
  );
}

function unknownNames(context: LintContext, unit: LoadedUnit, key: string): LintProblem[] {
  return namesOf(unit, 'Unit', key)
    .filter((name) => !isKnown(context, name, false))
    .map((name) =>
      errorIn(
        'unknown-unit',
        unit.name,
        `${key}=${name} names a unit that neither the plan nor a distribution has`,
      ),
    );
}

function missingNeeds(context: LintContext, unit: LoadedUnit, key: string): LintProblem[] {
  return namesOf(unit, 'Unit', key)
    .filter((name) => isKnown(context, name, false) && !isKnown(context, name, true))
    .map((name) => errorIn('missing-unit', unit.name, `${key}=${name}, but this OS has no such unit`));
}

function isKnown({ units, data, family, plan }: LintContext, name: string, here: boolean): boolean {
  if (units.units.has(name) || plan.enabledUnits.includes(name)) return true;
  const template = name.replace(/@[^.]*\./, '@.');
  return data.distribution.units.some(
    (unit) =>
      (unit.name === name || unit.name === template) && (!here || (unit.families?.includes(family) ?? true)),
  );
}
