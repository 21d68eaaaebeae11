import test from 'ava';
import { createGate } from '../../src/gate/gate.js';
import { formatLintReport } from '../../src/lint/format-lint-report.js';
import { lintAll } from '../../src/lint/lint-all.js';

test('every allowed OS x Kubernetes pair passes every check', async (t) => {
  const started = performance.now();
  let streamed = 0;
  const report = await lintAll({ gate: createGate({}), onResult: () => (streamed += 1) });
  t.log(`${((performance.now() - started) / 1000).toFixed(1)} s; ${formatLintReport(report)}`);
  t.deepEqual(report.failed, []);
  t.true(report.plans >= 100);
  t.is(streamed, report.passed + report.failed.length + report.skipped.length);
});
