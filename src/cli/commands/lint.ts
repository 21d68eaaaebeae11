import { KilnError } from '../../errors.js';
import type { Gate } from '../../gate/gate.js';
import { formatLintReport } from '../../lint/format-lint-report.js';
import { lintAll, reportOf } from '../../lint/lint-all.js';
import { lintPlan } from '../../lint/lint-plan.js';
import type { LintReport } from '../../lint/types.js';
import { createPlan } from '../../plan/plan.js';
import type { Progress } from '../../progress.js';
import { resolveSpec, type Selectors } from '../../spec/resolve-spec.js';
import { printResult } from '../print.js';
import { withSession } from '../session.js';

type LintOptions = Selectors & { all?: true | undefined; json?: true | undefined };

/** `bake lint`: prints what was checked and every problem. @throws KilnError LINT_FAILED when a check failed. */
export async function runLint(options: LintOptions): Promise<void> {
  await withSession({}, async ({ gate, progress }) => {
    const report = await (options.all === true
      ? checkEverything(gate, progress)
      : checkOne(options, gate, progress));
    progress.end();
    printResult(report, formatLintReport(report), options);
    if (report.failed.length === 0) return;
    throw new KilnError('LINT_FAILED', `${report.failed.length} of the checks failed; each is told above`);
  });
}

async function checkEverything(gate: Gate, progress: Progress): Promise<LintReport> {
  progress.step('Checking every OS and Kubernetes pair');
  let checks = 0;
  return lintAll({
    gate,
    onResult({ check, target }) {
      checks += 1;
      progress.note(`${checks} checks; ${check}: ${target}`);
    },
  });
}

async function checkOne(options: LintOptions, gate: Gate, progress: Progress): Promise<LintReport> {
  const { spec, lock } = await resolveSpec(options);
  progress.step(`Checking ${spec.os}, Kubernetes ${spec.kubernetes}, network ${spec.network}`);
  return reportOf(await lintPlan({ gate, plan: createPlan(spec, lock) }));
}
