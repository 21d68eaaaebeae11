import type { RigAccelerator } from '../../boot/types.js';
import { type BootBudget, loadBootBudgets } from '../../catalog/boot-budgets.js';
import type { BootAccount, BootCell, CheckOutcome, Problem } from '../types.js';
import { bootRatios } from './boot-ratios.js';

const HOW_TO_RECORD =
  'If the image is meant to take longer, record a new budget: docs/bench.md, "Boot time". `systemd-analyze critical-chain` on the node says what it waits for.';

/**
 * Whether each stage and unit of a boot stayed within its recorded multiple of the boot's own baseline. No second is
 * compared with a second of another boot, so the machine's speed does not matter, only what it is asked to do.
 */
export function checkBudget({
  account,
  os,
  cell,
  accelerator,
  budgets = loadBootBudgets(),
}: {
  account: BootAccount;
  os: string;
  cell: Pick<BootCell, 'name'>;
  accelerator: RigAccelerator;
  budgets?: readonly BootBudget[];
}): CheckOutcome {
  const budget = budgets.find(
    (entry) => entry.os === os && entry.cell === cell.name && entry.accelerator === accelerator,
  );
  if (budget === undefined) {
    return { skipped: `no budget is recorded for ${cell.name} of ${os} on ${accelerator}` };
  }
  const boot = bootRatios(account, budget.baseline);
  if (boot === undefined) {
    return { skipped: `this boot's ${budget.baseline.join(' and ')} was not measured` };
  }
  const measured = Object.entries(budget.ratios).filter(([name]) => name in boot.ratios);
  if (measured.length === 0) return { skipped: 'nothing the budget names was measured in this boot' };
  const problems = measured.flatMap(([name, allowed]) =>
    excess(name, boot.ratios[name] ?? 0, allowed, budget, boot.unit),
  );
  return { examined: measured.length, problems };
}

function excess(name: string, found: number, recorded: number, budget: BootBudget, unit: number): Problem[] {
  const limit = recorded + Math.max(recorded * budget.allowance, budget.slack);
  if (found <= limit) return [];
  const baseline = budget.baseline.join(' + ');
  const share = `${Math.round((found / recorded - 1) * 100)} %`;
  return [
    {
      subject: name,
      message:
        `expected at most ${limit.toFixed(2)} times ${baseline} (recorded ${recorded.toFixed(2)}, allowance ${Math.round(budget.allowance * 100)} % and no less than ${budget.slack}), ` +
        `found ${found.toFixed(2)} times: ${share} more than recorded (${(found * unit).toFixed(1)} s, ${baseline} took ${unit.toFixed(1)} s)`,
      hint: HOW_TO_RECORD,
    },
  ];
}
