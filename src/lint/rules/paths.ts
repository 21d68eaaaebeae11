import type { PlannedFile } from '../../plan/types.js';
import { EXEC_KEYS } from '../exec-keys.js';
import { conditionsOf, type LoadedUnit, valuesOf } from '../load-units.js';
import type { UnitEntry } from '../parse-unit.js';
import type { LintContext, LintProblem } from '../types.js';
import { isAfter, type Ordering, orderingOf } from './ordering.js';
import { errorAt } from './problem.js';

const PATH_CONDITION = /^(Condition|Assert)(Path|File|Directory)/;
const PREFIX = /^[-@:+!|]+/;

/** A path a unit waits on is a marker, a planned file, or made by something declared, which must then run before it. */
export function conditionPaths(context: LintContext): LintProblem[] {
  const ordering = orderingOf(context);
  const markers = new Set(context.plan.roles.map((role) => role.marker));
  return [...context.units.units.values()].flatMap((unit) =>
    conditionsOf(unit).flatMap((entry) => {
      if (!PATH_CONDITION.test(entry.key) || /^\|?!/.test(entry.value)) return [];
      const path = entry.value.replace(/^\|/, '');
      if (markers.has(path)) return [];
      return checkPath({ context, ordering, unit, entry, path, rule: 'condition-path' });
    }),
  );
}

/** An EnvironmentFile= without `-` that is not there fails the unit. */
export function environmentFiles(context: LintContext): LintProblem[] {
  const ordering = orderingOf(context);
  return [...context.units.units.values()].flatMap((unit) =>
    valuesOf(unit, 'Service', 'EnvironmentFile').flatMap((entry) => {
      if (entry.value.startsWith('-')) return [];
      return checkPath({ context, ordering, unit, entry, path: entry.value, rule: 'environment-file' });
    }),
  );
}

/** Every program a unit runs is a planned executable, or owned by a package the image has. */
export function execPrograms(context: LintContext): LintProblem[] {
  return [...context.units.units.values()].flatMap((unit) =>
    EXEC_KEYS.flatMap((key) => valuesOf(unit, 'Service', key)).flatMap((entry) =>
      checkProgram(context, unit, entry),
    ),
  );
}

function checkPath({
  context,
  ordering,
  unit,
  entry,
  path,
  rule,
}: {
  context: LintContext;
  ordering: Ordering;
  unit: LoadedUnit;
  entry: UnitEntry;
  path: string;
  rule: string;
}): LintProblem[] {
  if (context.plan.files.some((file) => file.path === path)) return [];
  const producer = context.data.distribution.runtimePaths.find((known) => known.path === path)?.madeBy;
  if (producer === undefined) return [errorAt(rule, unit.name, entry, `nothing makes ${path}`)];
  if (!producer.endsWith('.service')) return [];
  if (!context.units.units.has(producer)) {
    return [errorAt(rule, unit.name, entry, `${path} is made by ${producer}, which is not in the plan`)];
  }
  if (unit.name === producer || isAfter(ordering, unit.name, producer)) return [];
  return [
    errorAt(rule, unit.name, entry, `${path} is made by ${producer}, but the unit is not ordered after it`),
  ];
}

function checkProgram(
  { plan, data, family }: LintContext,
  unit: LoadedUnit,
  entry: UnitEntry,
): LintProblem[] {
  const program = entry.value.replace(PREFIX, '').split(/\s+/)[0] ?? '';
  if (!program.startsWith('/')) {
    return [
      errorAt(
        'exec-program',
        unit.name,
        entry,
        `"${program}" is no absolute path, which systemd before 239 drops`,
      ),
    ];
  }
  const planned = plan.files.find((file) => file.path === program);
  if (planned !== undefined)
    return isExecutable(planned)
      ? []
      : [errorAt('exec-program', unit.name, entry, `${program} is not executable`)];
  const known = data.distribution.programs.find(({ path }) => path === program);
  if (known === undefined)
    return [errorAt('exec-program', unit.name, entry, `nothing puts ${program} there`)];
  const package_ = known.packages[family];
  if (known.base === true || plan.packages.includes(package_)) return [];
  return [
    errorAt(
      'exec-program',
      unit.name,
      entry,
      `${program} comes with the package ${package_}, which is not planned`,
    ),
  ];
}

function isExecutable(file: PlannedFile): boolean {
  if (file.type !== 'file') return file.type === 'link';
  return (Number.parseInt(file.mode, 8) & 0o111) !== 0;
}
