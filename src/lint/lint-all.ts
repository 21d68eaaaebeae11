import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { listKubernetes, listNetworks, listOs, loadKubernetes, loadOs } from '../catalog/load-catalog.js';
import { KilnError } from '../errors.js';
import type { Gate } from '../gate/gate.js';
import { resolveLock } from '../lock/resolve-lock.js';
import { createPlan } from '../plan/plan.js';
import type { Plan, PlannedSpec } from '../plan/types.js';
import { DEFAULTS } from '../spec/defaults.js';
import { contextOf, runRules, runTool, targetOf, toolChecksOf } from './lint-plan.js';
import type { LintReport, LintResult } from './types.js';

/**
 * Checks every OS x Kubernetes pair the support matrix allows with the default network, and every other network with each
 * OS's default Kubernetes. Results are handed to `onResult` as they come; a tool runs once for each distinct input.
 */
export async function lintAll({
  gate,
  onResult = () => {},
}: {
  gate: Gate;
  onResult?: (result: LintResult) => void;
}): Promise<LintReport> {
  const report: LintReport = { plans: 0, refused: [], passed: 0, failed: [], skipped: [], warned: [] };
  const asked = new Map<string, () => Promise<LintResult>>();
  for (const spec of allSpecs()) {
    gate.signal.throwIfAborted();
    const plan = planOf(spec, report);
    if (plan === undefined) continue;
    report.plans += 1;
    const context = contextOf(plan);
    for (const result of runRules(context)) add(report, result, onResult);
    for (const check of toolChecksOf(context)) {
      const key = `${check.check} ${check.key}`;
      if (!asked.has(key)) asked.set(key, () => runTool(gate, targetOf(plan), check));
    }
    // Ctrl-C is heard between plans.
    await setImmediate();
  }
  await runAll([...asked.values()], (result) => add(report, result, onResult));
  return report;
}

/** As many at once as there are processors: each is one short process. */
async function runAll(
  work: (() => Promise<LintResult>)[],
  onResult: (result: LintResult) => void,
): Promise<void> {
  async function takeTurns(): Promise<void> {
    for (let next = work.shift(); next !== undefined; next = work.shift()) onResult(await next());
  }
  await Promise.all(Array.from({ length: availableParallelism() }, takeTurns));
}

/** One plan's results as a report. */
export function reportOf(results: readonly LintResult[]): LintReport {
  const report: LintReport = { plans: 1, refused: [], passed: 0, failed: [], skipped: [], warned: [] };
  for (const result of results) add(report, result, () => {});
  return report;
}

function* allSpecs(): Generator<PlannedSpec> {
  const { network: usual, arch, podCidr, serviceCidr, clusterDomain } = DEFAULTS;
  const shared = { arch, podCidr, serviceCidr, clusterDomain };
  for (const os of listOs()) {
    for (const minor of listKubernetes()) {
      yield { os, kubernetes: loadKubernetes(minor).version, network: usual, ...shared };
    }
    const kubernetes = loadKubernetes(loadOs(os).kubernetes.default).version;
    for (const network of listNetworks()) if (network !== usual) yield { os, kubernetes, network, ...shared };
  }
}

function planOf(spec: PlannedSpec, report: LintReport): Plan | undefined {
  try {
    const plan = createPlan(spec, resolveLock(spec));
    if (plan.verdict !== 'refused') return plan;
    report.refused.push({ target: targetOf(plan), reason: plan.findings[0]?.reason ?? 'refused' });
  } catch (error) {
    if (!(error instanceof KilnError) || error.code !== 'PIN_MISSING') throw error;
    report.refused.push({ target: targetOf({ spec }), reason: error.message });
  }
  return undefined;
}

function add(report: LintReport, result: LintResult, onResult: (result: LintResult) => void): void {
  onResult(result);
  if (result.state === 'passed') report.passed += 1;
  if (result.state === 'failed') report.failed.push(result);
  if (result.state === 'skipped') report.skipped.push(result);
  if (result.state === 'passed' && result.problems.length > 0) report.warned.push(result);
}
