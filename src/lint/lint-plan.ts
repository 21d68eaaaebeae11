import { loadOs } from '../catalog/load-catalog.js';
import type { Gate } from '../gate/gate.js';
import type { Plan } from '../plan/types.js';
import { loadLintData } from './load-lint-data.js';
import { loadUnits } from './load-units.js';
import { cloudConfigYaml, userDataSize } from './rules/cloud-init.js';
import { directivesKnown } from './rules/directives.js';
import { moduleFiles, sysctlFiles } from './rules/kernel-settings.js';
import { neverAfter, orderingCycles } from './rules/ordering-cycles.js';
import { conditionPaths, environmentFiles, execPrograms } from './rules/paths.js';
import { bindsToGated, unitReferences } from './rules/references.js';
import { roleGates } from './rules/role-gates.js';
import { unitSyntax } from './rules/unit-syntax.js';
import { serviceUsers } from './rules/users.js';
import { checkScripts } from './tools/check-scripts.js';
import type { ToolCheck, ToolChecks } from './tools/tool-check.js';
import { validatePacker } from './tools/validate-packer.js';
import { validateUserData } from './tools/validate-user-data.js';
import { verifyUnits } from './tools/verify-units.js';
import type { LintContext, LintProblem, LintResult, LintRule } from './types.js';

/** The static rules by the name their result has. */
const RULES: Record<string, LintRule> = {
  'unit syntax': unitSyntax,
  'ordering cycles': orderingCycles,
  'never after': neverAfter,
  'unit references': unitReferences,
  'no binding to gated units': bindsToGated,
  'role gates': roleGates,
  'condition paths': conditionPaths,
  'environment files': environmentFiles,
  programs: execPrograms,
  'service users': serviceUsers,
  directives: directivesKnown,
  'sysctl files': sysctlFiles,
  'module files': moduleFiles,
  'user data': userDataSize,
  'cloud-config YAML': cloudConfigYaml,
};

const TOOLS: readonly ToolChecks[] = [verifyUnits, checkScripts, validateUserData, validatePacker];

/** Every check of one plan: the static rules, then the real tools. */
export async function lintPlan({ gate, plan }: { gate: Gate; plan: Plan }): Promise<LintResult[]> {
  const context = contextOf(plan);
  const results = runRules(context);
  for (const check of toolChecksOf(context)) results.push(await runTool(gate, targetOf(plan), check));
  return results;
}

/** What the rules look at; the units of the plan merged with their drop-ins. */
export function contextOf(plan: Plan): LintContext {
  const os = loadOs(plan.spec.os);
  const { family, facts } = os;
  return { plan, units: loadUnits(plan.files), data: loadLintData(), systemd: facts.systemd, family };
}

/** The static rules alone: milliseconds. */
export function runRules(context: LintContext): LintResult[] {
  const target = targetOf(context.plan);
  return Object.entries(RULES).map(([check, rule]) => resultOf(check, target, rule(context)));
}

/** The runs of real tools a plan asks for; equal keys of one check need only one run. */
export function toolChecksOf(context: LintContext): ToolCheck[] {
  return TOOLS.flatMap((checks) => checks(context));
}

/** Runs one tool. */
export async function runTool(gate: Gate, target: string, { check, run }: ToolCheck): Promise<LintResult> {
  const outcome = await run(gate);
  if (outcome.skipped !== undefined)
    return { check, target, state: 'skipped', reason: outcome.skipped, problems: [] };
  return resultOf(check, target, outcome.problems);
}

export function targetOf({ spec }: Pick<Plan, 'spec'>): string {
  return `${spec.os} ${spec.kubernetes} ${spec.network} ${spec.arch}`;
}

function resultOf(check: string, target: string, problems: LintProblem[]): LintResult {
  const failed = problems.some(({ severity }) => severity === 'error');
  return { check, target, state: failed ? 'failed' : 'passed', problems };
}
