import test from 'ava';
import { listOs } from '../../src/catalog/load-catalog.js';
import { formatLintReport } from '../../src/lint/format-lint-report.js';
import { reportOf } from '../../src/lint/lint-all.js';
import { contextOf, runRules } from '../../src/lint/lint-plan.js';
import { soundPlan, withDropin } from './faulty-plan.js';

test('every OS passes every static rule', (t) => {
  for (const os of listOs()) {
    const results = runRules(contextOf(soundPlan(os)));
    t.deepEqual(
      results.filter(({ state, problems }) => state !== 'passed' || problems.length > 0),
      [],
      os,
    );
  }
});

test('a faulty plan fails in the rule the fault is in, and only there', (t) => {
  const plan = withDropin(
    soundPlan(),
    'kubelet.service',
    '50-test.conf',
    '[Unit]\nBindsTo=containerd.service\n',
  );
  const failed = runRules(contextOf(plan)).filter(({ state }) => state === 'failed');
  t.deepEqual(
    failed.map(({ check }) => check),
    ['no binding to gated units'],
  );
});

test('the report counts what was passed, failed and skipped, and says each problem once', (t) => {
  const problem = { rule: 'r', severity: 'error' as const, subject: 'a.service', message: 'is wrong' };
  const warning = { ...problem, severity: 'warning' as const, message: 'is old' };
  const report = reportOf([
    { check: 'one', target: 'x', state: 'failed', problems: [problem] },
    { check: 'one', target: 'y', state: 'failed', problems: [problem] },
    { check: 'two', target: 'x', state: 'passed', problems: [warning] },
    { check: 'three', target: 'x', state: 'skipped', reason: 'no tool', problems: [] },
    { check: 'four', target: 'x', state: 'passed', problems: [] },
  ]);
  t.is(
    formatLintReport(report),
    [
      'error    a.service: is wrong [r] in x and 1 more',
      'warning  a.service: is old [r] in x',
      'skipped  three: no tool',
      '1 plan: 2 checks passed, 2 failed, 1 skipped',
    ].join('\n'),
  );
});
