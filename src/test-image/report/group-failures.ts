import type { CheckResult, Problem, TestReport } from '../types.js';
import { type Suite, suitesOf } from './suites.js';

/** A check that failed somewhere, with what was wrong. */
export interface Failure {
  check: string;
  title: string;
  groups: ProblemGroup[];
}

/** Problems of one check with one mend, found in the same places: told together. */
export interface ProblemGroup {
  problems: Pick<Problem, 'subject' | 'message'>[];
  hint: string | undefined;
  /** In the order of the report. */
  places: Suite[];
}

/** A problem with every place that had it. */
type PlacedProblem = Problem & { places: Suite[] };

/** Every failed check once, in the order of the report, and each of its problems once however many boots had it. */
export function groupFailures(report: TestReport): Failure[] {
  const failures = new Map<string, { title: string; problems: Map<string, PlacedProblem> }>();
  for (const suite of suitesOf(report)) {
    for (const result of suite.checks.filter(({ status }) => status === 'failed')) {
      const failure = failures.get(result.check) ?? { title: result.title, problems: new Map() };
      failures.set(result.check, failure);
      addProblems(failure.problems, problemsOf(result), suite);
    }
  }
  return [...failures].map(([check, { title, problems }]) => ({
    check,
    title,
    groups: groupProblems([...problems.values()]),
  }));
}

function addProblems(known: Map<string, PlacedProblem>, problems: readonly Problem[], suite: Suite): void {
  for (const problem of problems) {
    const key = JSON.stringify([problem.subject, problem.message, problem.hint]);
    const places = known.get(key)?.places ?? [];
    known.set(key, { ...problem, places: [...new Set([...places, suite])] });
  }
}

function groupProblems(problems: readonly PlacedProblem[]): ProblemGroup[] {
  const groups = new Map<string, ProblemGroup>();
  for (const { subject, message, hint, places } of problems) {
    const key = JSON.stringify([hint, places.map((suite) => suite.key)]);
    const group = groups.get(key) ?? { problems: [], hint, places };
    groups.set(key, group);
    group.problems.push({ subject, message });
  }
  return [...groups.values()];
}

/** A failed check always says something, even one that forgot to. */
export function problemsOf(result: CheckResult): Problem[] {
  if (result.problems.length > 0) return result.problems;
  return [{ subject: result.check, message: result.reason || 'The check failed and gave no detail' }];
}

/** What was not tried, by reason: reason → names. */
export function groupLeftOut({ left }: Pick<TestReport, 'left'>): { reason: string; cells: string[] }[] {
  const reasons = new Map<string, string[]>();
  for (const { cell, reason } of left) reasons.set(reason, [...(reasons.get(reason) ?? []), cell]);
  return [...reasons].map(([reason, cells]) => ({ reason, cells }));
}
