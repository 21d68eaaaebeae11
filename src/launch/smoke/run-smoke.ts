import { KilnError } from '../../errors.js';
import { createGate, type Gate } from '../../gate/gate.js';
import type { Progress } from '../../progress.js';
import type { SmokeCheck, SmokeContext } from './check.js';
import { SMOKE_CHECKS } from './checks/index.js';
import { createKubectl } from './kubectl.js';
import { NAMESPACE } from './manifests.js';
import { summarize } from './summarize.js';
import { tidy } from './tidy.js';
import type { Reach, SmokeReport, SmokeResult } from './types.js';

/** From this check on there is something to tidy away. */
const FIRST_CHANGE = 'deploy';
const TIDY_LIMIT = 900;
const TIDY_HINT = `kubectl delete namespace ${NAMESPACE}; kubectl get nodes shows a node that is still cordoned.`;

interface Run {
  options: SmokeOptions;
  facts: SmokeContext['facts'];
  /** Of the checks before. */
  results: SmokeResult[];
}

export interface SmokeOptions {
  gate: Gate;
  progress: Progress;
  /** File of the administrator's kubeconfig. */
  kubeconfig: string;
  /** The program, from `findKubectl`. */
  kubectl: string;
  /** What the pods run: a busybox, from `smokeImage` or named by the person; without it nothing that needs a pod is done. */
  image?: string | undefined;
  /** Whether a node without the image may pull it; baked images are never pulled. */
  pull?: boolean | undefined;
  /** Names of the nodes that must be ready; by default those the API lists. */
  nodes?: readonly string[] | undefined;
  /** How a NodePort is reached from outside; without it that check is skipped. */
  reach?: Reach | undefined;
  /** Checks that cannot work on these machines, with the reason: skipped. User-mode Linux has no tables for services. */
  cannot?: Readonly<Record<string, string>> | undefined;
  /** Multiplies every time limit. */
  patience?: number | undefined;
  /** For tests. */
  checks?: readonly SmokeCheck[] | undefined;
}

/**
 * The smoke test of a running cluster: the same checks in the same order every time, in a namespace of its own, which is
 * deleted afterwards, also after a failure or an interrupt. A check that fails does not stop those that do not need it.
 *
 * In a dry run nothing is asked of the cluster: the checks are recorded as actions and reported as skipped.
 *
 * @throws KilnError INTERRUPTED, after tidying up; TOOL_MISSING
 */
export async function runSmoke(options: SmokeOptions): Promise<SmokeReport> {
  const { gate, progress, image } = options;
  const checks = options.checks ?? SMOKE_CHECKS;
  const started = new Date();
  const facts: SmokeContext['facts'] = {};
  if (gate.dryRun) return summarize({ started, facts, image, results: await recordOnly(gate, checks) });
  const results: SmokeResult[] = [];
  const stopped = await runAll(checks, { options, facts, results });
  const tidied = hasBegun(checks, results) ? await tidyUp(options) : undefined;
  progress.end();
  if (stopped !== undefined) throw asInterrupt(stopped, { gate, tidied });
  if (tidied !== undefined) results.push(tidied);
  return summarize({ started, facts, image, results });
}

/** Runs the checks in turn into `results`; returns what stopped it before the last, if anything did. */
async function runAll(checks: readonly SmokeCheck[], run: Run): Promise<unknown> {
  try {
    for (const check of checks) {
      run.options.gate.signal.throwIfAborted();
      run.results.push(await runCheck(check, run));
    }
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Also when it stopped in the middle of the check that makes things, which then has no result. */
function hasBegun(checks: readonly SmokeCheck[], results: readonly SmokeResult[]): boolean {
  const first = checks.findIndex(({ name }) => name === FIRST_CHANGE);
  return results.length >= first && results[first]?.outcome !== 'skipped';
}

function asInterrupt(
  error: unknown,
  { gate, tidied }: { gate: Gate; tidied: SmokeResult | undefined },
): unknown {
  if (!gate.signal.aborted) return error;
  const left = tidied?.outcome === 'failed' ? `; the namespace ${NAMESPACE} may still be there` : '';
  return new KilnError(
    'INTERRUPTED',
    `Interrupted: smoke test${left}`,
    left === '' ? {} : { hint: TIDY_HINT },
  );
}

async function recordOnly(gate: Gate, checks: readonly SmokeCheck[]): Promise<SmokeResult[]> {
  for (const { name, title } of checks)
    await gate.perform({ verb: 'check', target: name, reason: title }, async () => {});
  return checks.map(({ name, title, limit }) => ({
    name,
    title,
    limit,
    outcome: 'skipped',
    seconds: 0,
    message: 'dry run',
  }));
}

async function runCheck(check: SmokeCheck, { options, facts, results }: Run): Promise<SmokeResult> {
  const { name, title, hint } = check;
  const limit = check.limit * (options.patience ?? 1);
  const without = check.needs
    .map((need) => results.find((result) => result.name === need))
    .find((result) => result !== undefined && result.outcome !== 'passed');
  if (without !== undefined) {
    const message = `not done: ${without.name} ${without.outcome === 'failed' ? 'failed' : 'was skipped'}`;
    return { name, title, outcome: 'skipped', seconds: 0, limit, message };
  }
  const reason = options.cannot?.[name];
  if (reason !== undefined) return { name, title, outcome: 'skipped', seconds: 0, limit, message: reason };
  options.progress.step(`${name}: ${title} (up to ${limit} s)`);
  const begin = performance.now();
  const seconds = (): number => Math.round((performance.now() - begin) / 100) / 10;
  try {
    const verdict = await check.run(contextOf({ options, facts, results }, limit));
    if (typeof verdict === 'string')
      return { name, title, outcome: 'passed', seconds: seconds(), limit, message: verdict };
    return { name, title, outcome: 'skipped', seconds: seconds(), limit, message: verdict.skipped };
  } catch (error) {
    if (options.gate.signal.aborted || (error instanceof KilnError && error.code === 'TOOL_MISSING'))
      throw error;
    return { name, title, outcome: 'failed', seconds: seconds(), limit, message: messageOf(error), hint };
  }
}

function contextOf({ options, facts, results }: Run, limit: number): SmokeContext {
  const { gate, kubectl: program, kubeconfig, image, pull = false, nodes = [], reach } = options;
  const kubectl = createKubectl({ gate, program, kubeconfig, seconds: limit });
  const passed = (check: string): boolean =>
    results.some(({ name, outcome }) => name === check && outcome === 'passed');
  return { kubectl, signal: gate.signal, image, pull, nodes, reach, facts, passed };
}

/** Runs whatever happened before; an interrupted gate lets nothing through, so it gets one of its own. */
async function tidyUp(options: SmokeOptions): Promise<SmokeResult> {
  const { signal } = options.gate;
  const check: SmokeCheck = {
    name: 'tidy',
    title: 'nothing of the test is left in the cluster',
    limit: TIDY_LIMIT,
    needs: [],
    hint: TIDY_HINT,
    run: async ({ kubectl }) => await tidy(kubectl),
  };
  const attempt = async (gate: Gate): Promise<SmokeResult> =>
    await runCheck(check, { options: { ...options, gate }, facts: {}, results: [] });
  if (signal.aborted) return await attempt(createGate({}));
  try {
    return await attempt(options.gate);
  } catch (error) {
    if (!signal.aborted) throw error;
    return await attempt(createGate({}));
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
