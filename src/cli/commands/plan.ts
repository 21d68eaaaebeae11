import { createPlan } from '../../plan/plan.js';
import { resolveSpec, type Selectors } from '../../spec/resolve-spec.js';
import { formatPlan } from '../format-plan.js';
import { printResult } from '../print.js';

/** `bake plan`: shows refused pairs too, with the reasons; exits 0, since nothing was asked to be built. */
export async function runPlan(options: Selectors & { json?: true | undefined }): Promise<void> {
  const { spec, lock } = await resolveSpec(options);
  const plan = createPlan(spec, lock);
  printResult(plan, formatPlan(plan), options);
}
