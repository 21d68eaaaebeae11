import type { SmokeReport, SmokeResult } from './types.js';

const SHOWN = { passed: 'passed', failed: 'FAILED', skipped: 'skipped' } as const;

/** The report for people: one line a check, below it the rest of its message and, when it failed, where to look. */
export function formatSmokeReport({ outcome, seconds, kubernetes, counts, checks }: SmokeReport): string {
  const widest = Math.max(0, ...checks.map(({ name }) => name.length));
  const lines = checks.flatMap((check) => checkLines(check, widest));
  const cluster = kubernetes === null ? 'the cluster' : `Kubernetes ${kubernetes}`;
  const told = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
  return [...lines, '', `Smoke test of ${cluster}: ${outcome} in ${seconds} s (${told})`].join('\n');
}

function checkLines({ name, outcome, seconds, limit, message, hint }: SmokeResult, widest: number): string[] {
  const [first = '', ...rest] = message.split('\n');
  const time = outcome === 'skipped' ? '' : `${seconds.toFixed(1)} s of ${limit}`;
  const line = `${SHOWN[outcome].padEnd(7)}  ${name.padEnd(widest)}  ${time.padEnd(14)}  ${first}`;
  const below = [...rest, ...(hint === undefined ? [] : [`look: ${hint}`])];
  return [line, ...below.map((text) => `  ${text}`)];
}
