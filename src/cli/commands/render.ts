import path from 'node:path';
import { createPlan } from '../../plan/plan.js';
import { renderEverything } from '../../render/render-everything.js';
import { DEFAULTS } from '../../spec/defaults.js';
import { resolveSpec, type Selectors } from '../../spec/resolve-spec.js';
import { formatActions, printResult } from '../print.js';
import { withSession } from '../session.js';

/** `bake render`: writes what the engines are given, and prints the folder. */
export async function runRender(
  options: Selectors & { out?: string | undefined; dryRun?: true | undefined; json?: true | undefined },
): Promise<void> {
  const { spec, lock } = await resolveSpec(options);
  const plan = createPlan(spec, lock);
  const folder = path.resolve(options.out ?? path.join(DEFAULTS.out, 'render'));
  await withSession(options, async ({ gate }) => {
    const files = await renderEverything({ gate, plan, folder });
    if (gate.dryRun) printResult(gate.actions, formatActions(gate.actions), options);
    else printResult({ folder, files }, folder, options);
  });
}
