import type { TemplateRecord } from '../../../render/render-template.js';
import type { TestReport } from '../../types.js';
import { problemsOf } from '../group-failures.js';
import { count } from '../quantities.js';
import { suitesOf } from '../suites.js';
import { checkId } from './grid-view.js';

/** The check that holds boot stages against their allowances. */
const BUDGET_CHECK = 'boot-budget';

/** What the boot budget said of each boot; `undefined` when no boot was held against one. */
export function budgetView(report: TestReport): TemplateRecord | undefined {
  const rows = suitesOf(report).flatMap((suite) =>
    suite.checks
      .filter(({ check }) => check === BUDGET_CHECK)
      .map((result) => ({
        label: suite.label,
        id: checkId(suite, BUDGET_CHECK),
        status: result.status,
        symbol: { passed: '✓', failed: '✕', skipped: '–' }[result.status],
        said: {
          passed: [`${count(result.examined, 'stage or unit', 'stages and units')} within the allowance`],
          failed: problemsOf(result).map(({ subject, message }) => `${subject}: ${message}`),
          skipped: [result.reason],
        }[result.status],
      })),
  );
  return rows.length === 0 ? undefined : { rows };
}
