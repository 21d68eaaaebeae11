import type { Plan } from '../plan/types.js';
import type { LintData } from './load-lint-data.js';
import type { UnitSet } from './load-units.js';

/** One thing a check found wrong. */
export interface LintProblem {
  /** Stable kebab-case name of the rule that spoke. */
  rule: string;
  severity: 'error' | 'warning';
  /** The unit, path or command it is about. */
  subject: string;
  message: string;
  hint?: string;
}

/** The outcome of one check on one subject (a plan, a unit set, a rendered template). */
export interface LintResult {
  check: string;
  /** What was checked, e.g. `debian12 1.32.3 flannel`. */
  target: string;
  /** `failed`: at least one error; warnings alone pass. A skipped check is never a passed one. */
  state: 'passed' | 'failed' | 'skipped';
  /** Why it was skipped. */
  reason?: string;
  problems: LintProblem[];
}

/** The whole outcome: how many checks were made, and every one that did not pass. */
export interface LintReport {
  plans: number;
  /** Pairs the support matrix refuses, or for which nothing is pinned: they do not bake, so they are not checked. */
  refused: { target: string; reason: string }[];
  passed: number;
  failed: LintResult[];
  skipped: LintResult[];
  /** Passed with something to say. */
  warned: LintResult[];
}

/** What a static rule may look at. */
export interface LintContext {
  plan: Plan;
  units: UnitSet;
  data: LintData;
  /** The OS's systemd, e.g. 252. */
  systemd: number;
  family: 'debian' | 'redhat';
}

/** One static rule: pure, returns every problem it sees. */
export type LintRule = (context: LintContext) => LintProblem[];
