import { closestMatch } from 'leven';
import type { Directives } from '../../catalog/directives.js';
import { type LoadedUnit, lastValueOf } from '../load-units.js';
import type { UnitEntry } from '../parse-unit.js';
import type { LintContext, LintProblem } from '../types.js';
import { errorAt, warningAt } from './problem.js';

type Directive = Directives['directives'][number];
interface Introduced {
  since: number;
  olderBehaviour?: string | undefined;
  backportedTo?: string | undefined;
}

/** What an older systemd makes of it; all but the first change what runs, so they are errors. */
const BEHAVIOUR: Record<string, string> = {
  ignored: 'it is ignored there',
  'fail-open': 'it is ignored there, so the unit starts where it must not',
  dropped: 'the line is dropped there',
  refused: 'the unit is refused there',
};
const EXEC = /^Exec/;

/** Every directive, value, specifier and command prefix is known to the OS's own systemd. */
export function directivesKnown(context: LintContext): LintProblem[] {
  const index = indexOf(context.data.directives);
  return [...context.units.units.values()].flatMap((unit) =>
    unit.entries
      .filter((entry) => !entry.section.startsWith('X-') && !entry.key.startsWith('X-'))
      .flatMap((entry) => {
        const known = index.get(`${entry.section}.${entry.key}`);
        if (known === undefined) return [unknown(context, unit, entry)];
        return [...keyProblems(context, unit, entry, known), ...valueProblems(context, unit, entry)];
      }),
  );
}

let indexed: { table: Directives; index: Map<string, Directive> } | undefined;

function indexOf(table: Directives): Map<string, Directive> {
  if (indexed?.table !== table) {
    indexed = {
      table,
      index: new Map(table.directives.map((entry) => [`${entry.section}.${entry.name}`, entry])),
    };
  }
  return indexed.index;
}

function unknown({ data }: LintContext, unit: LoadedUnit, entry: UnitEntry): LintProblem {
  const names = data.directives.directives
    .filter(({ section }) => section === entry.section)
    .map(({ name }) => name);
  if (names.length === 0)
    return errorAt('unknown-directive', unit.name, entry, `no section [${entry.section}] is known`);
  const nearest = closestMatch(entry.key, names, { maxDistance: 4 });
  const guess = nearest === undefined ? '' : `; did you mean ${nearest}=?`;
  return errorAt(
    'unknown-directive',
    unit.name,
    entry,
    `no systemd knows ${entry.key}= in [${entry.section}]${guess}`,
  );
}

function keyProblems(
  context: LintContext,
  unit: LoadedUnit,
  entry: UnitEntry,
  known: Directive,
): LintProblem[] {
  const problems = tooNew(context, unit, entry, known, `${entry.key}=`);
  if (known.renamedTo !== undefined) {
    problems.push(warningAt('old-directive', unit.name, entry, `${entry.key}= is now ${known.renamedTo}=`));
  }
  if (known.legacySince !== undefined && known.legacySince <= context.systemd) {
    problems.push(
      warningAt(
        'old-directive',
        unit.name,
        entry,
        `${entry.key}= only warns since systemd ${known.legacySince}`,
      ),
    );
  }
  return problems;
}

function valueProblems(context: LintContext, unit: LoadedUnit, entry: UnitEntry): LintProblem[] {
  const { values, forbidden, execPrefixes } = context.data.directives;
  const problems = values
    .filter((known) => known.section === entry.section && known.name === entry.key)
    .filter((known) => new RegExp(known.pattern).test(entry.value) && holds(unit, known.section, known.where))
    .flatMap((known) => tooNew(context, unit, entry, known, `${entry.key}=${entry.value}`));
  for (const known of forbidden) {
    if (known.section !== entry.section || known.name !== entry.key) continue;
    if (
      entry.value === '' ||
      !new RegExp(known.pattern).test(entry.value) ||
      !holds(unit, known.section, known.where)
    )
      continue;
    problems.push(errorAt('forbidden', unit.name, entry, `${entry.key}=${entry.value}: ${known.note}`));
  }
  if (EXEC.test(entry.key)) {
    const prefixes = /^[-@:+!|]*/.exec(entry.value)?.[0] ?? '';
    for (const prefix of prefixes.match(/!!|./g) ?? []) {
      const known = execPrefixes.find(({ name }) => name === prefix);
      if (known !== undefined)
        problems.push(...tooNew(context, unit, entry, known, `the command prefix ${prefix}`));
    }
  }
  return [...problems, ...specifierProblems(context, unit, entry)];
}

function holds(unit: LoadedUnit, section: string, where: Record<string, string> = {}): boolean {
  return Object.entries(where).every(([key, pattern]) =>
    new RegExp(pattern).test(lastValueOf(unit, section, key) ?? ''),
  );
}

/** What a specifier that is too new does is in the table, but from 236 on every unknown one drops the line. */
function specifierProblems(context: LintContext, unit: LoadedUnit, entry: UnitEntry): LintProblem[] {
  const problems: LintProblem[] = [];
  for (const [specifier] of entry.value.matchAll(/%(?:%|[A-Za-z])?/g)) {
    const known = context.data.directives.specifiers.find(({ name }) => name === specifier);
    if (known === undefined) {
      const message = `${specifier} is no specifier; write %% for a percent sign`;
      problems.push(errorAt('unknown-specifier', unit.name, entry, message));
    } else {
      problems.push(...tooNew(context, unit, entry, known, `the specifier ${specifier}`));
    }
  }
  return problems;
}

function tooNew(
  context: LintContext,
  unit: LoadedUnit,
  entry: UnitEntry,
  known: Introduced,
  what: string,
): LintProblem[] {
  if (!isTooNew(context, known)) return [];
  const behaviour = known.olderBehaviour ?? 'ignored';
  const message = `${what} needs systemd ${known.since}, this OS has ${context.systemd}: ${BEHAVIOUR[behaviour]}`;
  const problem = behaviour === 'ignored' ? warningAt : errorAt;
  return [problem('too-new', unit.name, entry, message)];
}

/** CentOS 7 has systemd 219 with every backport up to its last release, 7.9. */
function isTooNew({ systemd }: LintContext, known: Introduced): boolean {
  if (known.since <= systemd) return false;
  return !(systemd === 219 && known.backportedTo !== undefined);
}
