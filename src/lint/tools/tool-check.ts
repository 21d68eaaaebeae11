import type { Gate } from '../../gate/gate.js';
import type { LintContext, LintProblem } from '../types.js';

/** What a tool found, or why it was not asked. */
export type ToolOutcome = { skipped: string } | { skipped?: never; problems: LintProblem[] };

/** One run of a real tool that a plan asks for. Plans that ask for the same `key` are answered by one run. */
export interface ToolCheck {
  check: string;
  key: string;
  run(gate: Gate): Promise<ToolOutcome>;
}

/** The tool runs one plan asks for. */
export type ToolChecks = (context: LintContext) => ToolCheck[];
