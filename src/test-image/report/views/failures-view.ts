import type { TemplateRecord } from '../../../render/render-template.js';
import type { TestReport } from '../../types.js';
import { type Failure, groupFailures, type ProblemGroup } from '../group-failures.js';
import { count } from '../quantities.js';
import { suitesOf, tally } from '../suites.js';
import { checkId } from './grid-view.js';

/** A check over thousands of files may fail for each; the page shows this many, report.json has all. */
const MOST_PROBLEMS = 50;
const CONSOLE_LINES = 100;

/** Every failed check with what was wrong, where, and the mend; the consoles of the boots they were in, folded. */
export function failuresView(report: TestReport): TemplateRecord | undefined {
  const failures = groupFailures(report);
  if (failures.length === 0) return undefined;
  const consoles = suitesOf(report).flatMap(({ checks, cell, label }) => {
    const lines = tally(checks).failed > 0 ? (cell?.consoleTail ?? []).slice(-CONSOLE_LINES) : [];
    return lines.length === 0 ? [] : [{ label, count: lines.length, text: lines.join('\n') }];
  });
  return { failures: failures.map(failureView), consoles, hasConsoles: consoles.length > 0 };
}

/** Text in which what stands between backticks is code. */
function withCode(text: string): TemplateRecord[] {
  return text
    .split('`')
    .map((part, index, { length }) => ({ text: part, code: index % 2 === 1 && index < length - 1 }))
    .filter((part) => part.text !== '');
}

function failureView({ check, title, groups }: Failure): TemplateRecord {
  const all = groups.reduce((sum, { problems }) => sum + problems.length, 0);
  let room = MOST_PROBLEMS;
  const shown = groups.flatMap((group) => {
    const problems = group.problems.slice(0, room);
    room -= problems.length;
    return problems.length === 0 ? [] : [groupView(check, { ...group, problems })];
  });
  const more = all > MOST_PROBLEMS ? count(all - MOST_PROBLEMS, 'more problem') : '';
  return { check, title, groups: shown, more };
}

function groupView(check: string, { problems, hint = '', places }: ProblemGroup): TemplateRecord {
  return {
    problems: problems.map(({ subject, message }) => ({ subject, message: withCode(message) })),
    hint: withCode(hint),
    places: places.map((suite) => ({ label: suite.label, id: checkId(suite, check) })),
  };
}
