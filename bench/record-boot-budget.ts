import { readFileSync, writeFileSync } from 'node:fs';
import { dump } from 'js-yaml';
import { type BootBudget, bootBudgetsSchema, loadBootBudgets } from '../src/catalog/boot-budgets.js';
import { repositoryPath } from '../src/repository.js';
import { recordBudget } from '../src/test-image/boot-time/record-budget.js';
import type { TestReport } from '../src/test-image/types.js';

/**
 * Records budgets into catalog/boot-budgets.yaml from reports of `bake test --report`: the OSes, cells and accelerators in
 * them replace what is there; every other budget stays.
 *
 *   npm run bench:boot-budget -- REPORT.json…
 */
const BASELINE: BootBudget['baseline'] = ['kernel', 'initrd'];
const ALLOWANCE = 1;
/** In baselines: a stage of a second on a busy machine took as much more once in five boots. */
const SLACK = 1;
const file = repositoryPath('catalog', 'boot-budgets.yaml');
const reports = process.argv.slice(2).map((name) => JSON.parse(readFileSync(name, 'utf8')) as TestReport);
const recorded = recordBudget(reports, { baseline: BASELINE, allowance: ALLOWANCE, slack: SLACK });
const kept = loadBootBudgets().filter((old) => !recorded.some((budget) => keyOf(budget) === keyOf(old)));
const text = readFileSync(file, 'utf8');
const header = text.slice(0, text.indexOf('budgets:'));
const budgets = [...kept, ...recorded].sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
bootBudgetsSchema.shape.budgets.parse(budgets);
writeFileSync(file, `${header}${dump({ budgets }, { flowLevel: 4, lineWidth: 140, noRefs: true })}`);
for (const budget of recorded) process.stdout.write(`recorded ${keyOf(budget)} from ${budget.boots} boots\n`);

function keyOf({ os, cell, accelerator }: BootBudget): string {
  return [os, cell, accelerator].join(' ');
}
