import type { LintProblem, LintReport, LintResult } from './types.js';

/**
 * The report as text for people: each problem once, with how many plans it was found in, every skipped check with its
 * reason, then the count.
 */
export function formatLintReport(report: LintReport): string {
  const failed = report.failed.flatMap(flatten);
  const warned = report.warned.flatMap(flatten);
  return [
    ...group(failed.filter(({ problem }) => problem.severity === 'error')).map((line) => `error    ${line}`),
    ...group([...failed, ...warned].filter(({ problem }) => problem.severity === 'warning')).map(
      (line) => `warning  ${line}`,
    ),
    ...skipped(report.skipped).map((line) => `skipped  ${line}`),
    summary(report),
  ].join('\n');
}

function flatten({ target, problems }: LintResult): { target: string; problem: LintProblem }[] {
  return problems.map((problem) => ({ target, problem }));
}

function group(found: readonly { target: string; problem: LintProblem }[]): string[] {
  const targets = new Map<string, string[]>();
  for (const { target, problem } of found) {
    const text = `${problem.subject}: ${problem.message} [${problem.rule}]`;
    targets.set(text, [...(targets.get(text) ?? []), target]);
  }
  return [...targets].map(
    ([text, [first, ...more]]) => `${text} in ${first}${more.length === 0 ? '' : ` and ${more.length} more`}`,
  );
}

function skipped(results: readonly LintResult[]): string[] {
  const reasons = new Map<string, number>();
  for (const { check, reason } of results) {
    const text = `${check}: ${reason}`;
    reasons.set(text, (reasons.get(text) ?? 0) + 1);
  }
  return [...reasons].map(([text, count]) => (count === 1 ? text : `${text} (${count} times)`));
}

function summary({ plans, refused, passed, failed, skipped: left }: LintReport): string {
  const plan = plans === 1 ? '1 plan' : `${plans} plans`;
  const out = refused.length === 0 ? '' : `; ${refused.length} pairs are refused and were not checked`;
  return `${plan}: ${passed} checks passed, ${failed.length} failed, ${left.length} skipped${out}`;
}
