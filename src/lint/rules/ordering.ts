import { type LoadedUnit, lastValueOf, namesOf } from '../load-units.js';
import type { LintContext } from '../types.js';

/** unit → the units it starts after. */
export type Ordering = Map<string, Set<string>>;

/** What a service with default dependencies is ordered after, whatever it says (systemd.service(5)). */
const IMPLICIT = ['sysinit.target', 'basic.target'];

/**
 * The order systemd would start the planned and the distribution's units in: `After=` and `Before=`, the implicit
 * default dependencies of services, and a target's order after what it pulls in (systemd.target(5)).
 */
export function orderingOf(context: LintContext): Ordering {
  const ordering: Ordering = new Map();
  const withDefaults = new Set<string>();
  for (const unit of context.units.units.values()) {
    // Of a unit the plan only adds drop-ins to, the distribution's own file says whether it has them.
    const implicit = unit.file !== undefined && hasDefaults(unit);
    if (implicit) withDefaults.add(unit.name);
    addPlanned(ordering, unit);
    if (implicit && unit.name.endsWith('.service')) addImplicit(ordering, unit.name);
  }
  for (const unit of distributionUnits(context)) {
    if (unit.defaultDependencies !== 'no') withDefaults.add(unit.name);
    for (const other of unit.after ?? []) after(ordering, unit.name, other);
    for (const other of unit.before ?? []) after(ordering, other, unit.name);
    if (unit.defaultDependencies !== 'no' && unit.name.endsWith('.service')) addImplicit(ordering, unit.name);
  }
  for (const [target, names] of pulledIn(context)) {
    for (const name of names) {
      // systemd leaves this order out where the unit already says the opposite.
      if (withDefaults.has(name) && !ordering.get(name)?.has(target)) after(ordering, target, name);
    }
  }
  for (const name of context.units.masked) ordering.delete(name);
  return ordering;
}

/** Whether `unit` starts after `other`, directly or through others. */
export function isAfter(ordering: Ordering, unit: string, other: string): boolean {
  const seen = new Set<string>();
  const pending = [unit];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    for (const earlier of ordering.get(name) ?? []) {
      if (earlier === other) return true;
      if (!seen.has(earlier)) pending.push(earlier);
      seen.add(earlier);
    }
  }
  return false;
}

function addPlanned(ordering: Ordering, unit: LoadedUnit): void {
  for (const other of namesOf(unit, 'Unit', 'After')) after(ordering, unit.name, other);
  for (const other of namesOf(unit, 'Unit', 'Before')) after(ordering, other, unit.name);
}

function addImplicit(ordering: Ordering, name: string): void {
  for (const target of IMPLICIT) after(ordering, name, target);
}

function hasDefaults(unit: LoadedUnit): boolean {
  return !/^(no|false|off|0)$/i.test(lastValueOf(unit, 'Unit', 'DefaultDependencies') ?? 'yes');
}

function distributionUnits({ data, family }: LintContext) {
  return data.distribution.units.filter((unit) => unit.families?.includes(family) ?? true);
}

function* pulledIn(context: LintContext): Generator<[string, Iterable<string>]> {
  yield* context.units.pulledIn;
  for (const unit of distributionUnits(context)) {
    for (const target of unit.wantedBy ?? []) yield [target, [unit.name]];
  }
}

function after(ordering: Ordering, unit: string, earlier: string): void {
  const known = ordering.get(unit) ?? new Set<string>();
  ordering.set(unit, known.add(earlier));
}
