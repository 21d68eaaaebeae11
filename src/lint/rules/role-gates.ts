import { conditionsOf, type LoadedUnit } from '../load-units.js';
import type { UnitEntry } from '../parse-unit.js';
import type { LintContext, LintProblem } from '../types.js';
import { errorAt, errorIn } from './problem.js';

const MARKER = /\/etc\/sysconfig\/kubernetes-/;

/** Every unit a role names is held back by exactly that role's markers, in a drop-in; no other unit is by any. */
export function roleGates(context: LintContext): LintProblem[] {
  const markers = markersByUnit(context);
  const missing = [...markers.keys()].filter((name) => !context.units.units.has(name));
  return [
    ...missing.map((name) => errorIn('role-gate', name, 'no unit file and no drop-in: nothing gates it')),
    ...[...context.units.units.values()].flatMap((unit) => checkUnit(unit, markers.get(unit.name) ?? [])),
    ...[...markers.keys()].filter((name) => !isEnabled(context, name)).map(notEnabled),
  ];
}

function markersByUnit({ plan }: LintContext): Map<string, string[]> {
  const markers = new Map<string, string[]>();
  for (const role of plan.roles) {
    for (const unit of role.units) markers.set(unit, [...(markers.get(unit) ?? []), role.marker]);
  }
  return markers;
}

function checkUnit(unit: LoadedUnit, markers: readonly string[]): LintProblem[] {
  const gates = conditionsOf(unit).filter(({ value }) => MARKER.test(value));
  const problems = gates.filter((gate) => gate.file === unit.file).map((gate) => wrongPlace(unit, gate));
  const wrongKind = gates.filter((gate) => gate.key !== 'ConditionPathExists' || gate.value.includes('!'));
  problems.push(
    ...wrongKind.map((gate) =>
      errorAt('role-gate', unit.name, gate, `${gate.key}=${gate.value} is no role gate`),
    ),
  );
  const found = gates.map(({ value }) => value.replace(/^[|!]+/, '')).sort();
  const expected = [...markers].sort();
  if (found.join() !== expected.join()) {
    const list = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));
    problems.push(
      errorIn('role-gate', unit.name, `gated by ${list(found)}; its roles say ${list(expected)}`),
    );
  }
  // Several plain conditions must all hold; only `|` makes them alternatives.
  if (gates.length > 1 && gates.some(({ value }) => !value.startsWith('|'))) {
    problems.push(
      errorIn(
        'role-gate',
        unit.name,
        'gated by several markers of which all would have to be there; each needs a `|`',
      ),
    );
  }
  return problems;
}

function wrongPlace(unit: LoadedUnit, gate: UnitEntry): LintProblem {
  return errorAt('role-gate', unit.name, gate, 'a role gate belongs in a drop-in, not in the unit file');
}

function isEnabled({ units, plan }: LintContext, name: string): boolean {
  const links = [...units.pulledIn.values()].some((names) => names.has(name));
  return links && plan.enabledUnits.includes(name) && !units.masked.has(name);
}

function notEnabled(name: string): LintProblem {
  return errorIn('role-gate', name, 'a role names it, but nothing in the image enables it');
}
