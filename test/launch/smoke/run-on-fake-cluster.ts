import { createGate } from '../../../src/gate/gate.js';
import type { SmokeCheck } from '../../../src/launch/smoke/check.js';
import { SMOKE_CHECKS } from '../../../src/launch/smoke/checks/index.js';
import { runSmoke, type SmokeOptions } from '../../../src/launch/smoke/run-smoke.js';
import type { SmokeReport } from '../../../src/launch/smoke/types.js';
import { silentProgress } from '../../../src/progress.js';
import type { FakeCluster } from './fake-cluster.js';

const IMAGE = 'debian.kiln.invalid/smoke:1.35.0';

export async function run(cluster: FakeCluster, changes: Partial<SmokeOptions> = {}): Promise<SmokeReport> {
  return await runSmoke({
    gate: createGate({}),
    progress: silentProgress,
    kubeconfig: '/nonexistent',
    kubectl: cluster.kubectl,
    image: IMAGE,
    ...changes,
  });
}

/** Seconds a check that must fail may try: starting the stand-in for kubectl takes more than two on a busy machine. */
export const SHORT_LIMIT = 6;

/** The checks with a short limit for one of them, which will use it up. */
export function shortened(slow: string): SmokeCheck[] {
  return SMOKE_CHECKS.map((check) => (check.name === slow ? { ...check, limit: SHORT_LIMIT } : check));
}

export function outcome(report: SmokeReport, check: string): string | undefined {
  return report.checks.find(({ name }) => name === check)?.outcome;
}
