import test from 'ava';
import { formatSmokeReport } from '../../../src/launch/smoke/format-smoke-report.js';
import { summarize } from '../../../src/launch/smoke/summarize.js';
import type { SmokeOutcome, SmokeReport, SmokeResult } from '../../../src/launch/smoke/types.js';

test('one line a check, below a failed one all of its message and where to look', (t) => {
  const failed = {
    ...result('logs', 'failed'),
    message: 'Could not read\n  | no route',
    hint: 'kubectl get csr',
  };
  const lines = formatSmokeReport(
    report([result('deploy', 'passed'), failed, result('dns', 'skipped')]),
  ).split('\n');
  t.deepEqual(lines.slice(0, -1), [
    'passed   deploy  1.5 s of 60     seen',
    'FAILED   logs    1.5 s of 60     Could not read',
    '    | no route',
    '  look: kubectl get csr',
    'skipped  dns                     seen',
    '',
  ]);
  t.regex(
    lines.at(-1) ?? '',
    /^Smoke test of Kubernetes v1\.20\.2: failed in \d+(\.\d)? s \(1 passed, 1 failed, 1 skipped\)$/,
  );
});

test('passed only when pods ran and nothing failed', (t) => {
  t.is(
    report([result('api', 'passed'), result('deploy', 'passed'), result('dns', 'skipped')]).outcome,
    'passed',
  );
  t.is(report([result('api', 'passed'), result('deploy', 'skipped')]).outcome, 'incomplete');
  t.is(report([result('deploy', 'passed'), result('tidy', 'failed')]).outcome, 'failed');
  t.is(report([]).outcome, 'incomplete');
});

function report(results: SmokeResult[]): SmokeReport {
  return summarize({ started: new Date(), facts: { kubernetes: 'v1.20.2' }, image: 'a/b:1', results });
}

function result(name: string, outcome: SmokeOutcome): SmokeResult {
  return { name, title: name, outcome, seconds: 1.5, limit: 60, message: 'seen' };
}
