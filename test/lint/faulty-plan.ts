import { contextOf } from '../../src/lint/lint-plan.js';
import type { LintContext, LintProblem, LintRule } from '../../src/lint/types.js';
import type { Plan, PlannedFile } from '../../src/plan/types.js';
import { planOf } from '../helpers/plans.js';

const UNIT_FOLDER = '/usr/lib/systemd/system';
const plans = new Map<string, Plan>();

/** A real plan, made once for each OS. */
export function soundPlan(os = 'debian12'): Plan {
  const plan = plans.get(os) ?? planOf(os);
  plans.set(os, plan);
  return plan;
}

/** The plan with a text file more, or another in its place. */
export function withFile(plan: Plan, path: string, content: string, mode = '0644'): Plan {
  const file: PlannedFile = { path, from: 'test', type: 'file', mode, owner: 'root:root', content };
  return { ...plan, files: [...plan.files.filter((other) => other.path !== path), file] };
}

/** The plan with a unit more, which multi-user.target pulls in. */
export function withUnit(plan: Plan, name: string, content: string): Plan {
  const changed = withFile(plan, `${UNIT_FOLDER}/${name}`, content);
  const path = `/etc/systemd/system/multi-user.target.wants/${name}`;
  const link: PlannedFile = { path, from: 'test', type: 'link', target: `${UNIT_FOLDER}/${name}` };
  return { ...changed, files: [...changed.files, link], enabledUnits: [...changed.enabledUnits, name] };
}

/** The plan with a drop-in more. */
export function withDropin(plan: Plan, unit: string, name: string, content: string): Plan {
  return withFile(plan, `${UNIT_FOLDER}/${unit}.d/${name}`, content);
}

export function withoutFile(plan: Plan, path: string): Plan {
  return { ...plan, files: plan.files.filter((file) => file.path !== path) };
}

/** What a rule says of a plan. */
export function problemsOf(rule: LintRule, plan: Plan, changes: Partial<LintContext> = {}): LintProblem[] {
  return rule({ ...contextOf(plan), ...changes });
}

/** The same as `subject: message`. */
export function textsOf(rule: LintRule, plan: Plan, changes: Partial<LintContext> = {}): string[] {
  return problemsOf(rule, plan, changes).map(({ subject, message }) => `${subject}: ${message}`);
}
