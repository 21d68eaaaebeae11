import type { SmokeOutcome, SmokeReport, SmokeResult } from './types.js';

/** The check that puts pods into the cluster: without it nothing much was proved. */
const DECISIVE = 'deploy';

/** The report of a run's results. */
export function summarize({
  started,
  facts,
  image,
  results,
}: {
  started: Date;
  facts: { kubernetes?: string };
  image: string | undefined;
  results: SmokeResult[];
}): SmokeReport {
  const count = (outcome: SmokeOutcome): number =>
    results.filter((result) => result.outcome === outcome).length;
  return {
    outcome: outcomeOf(results),
    started: started.toISOString(),
    seconds: Math.round((Date.now() - started.getTime()) / 100) / 10,
    kubernetes: facts.kubernetes ?? null,
    image: image ?? null,
    counts: { passed: count('passed'), failed: count('failed'), skipped: count('skipped') },
    checks: results,
  };
}

function outcomeOf(results: readonly SmokeResult[]): SmokeReport['outcome'] {
  if (results.some(({ outcome }) => outcome === 'failed')) return 'failed';
  return results.some(({ name, outcome }) => name === DECISIVE && outcome === 'passed')
    ? 'passed'
    : 'incomplete';
}
