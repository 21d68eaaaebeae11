import { readFileSync } from 'node:fs';
import test from 'ava';
import { load } from 'js-yaml';
import { bootBudgetsSchema, loadBootBudgets } from '../../src/catalog/boot-budgets.js';
import { loadOs } from '../../src/catalog/load-catalog.js';
import { repositoryPath } from '../../src/repository.js';

test('the budgets are as the schema says, each for an OS there is, and none is there twice', (t) => {
  const file = load(readFileSync(repositoryPath('catalog', 'boot-budgets.yaml'), 'utf8'));
  const { budgets } = bootBudgetsSchema.parse(file);
  const keys = budgets.map(({ os, cell, accelerator }) => `${os} ${cell} ${accelerator}`);
  t.is(new Set(keys).size, keys.length);
  for (const { os } of budgets) t.is(loadOs(os).name, os);
  t.deepEqual(loadBootBudgets(), budgets);
});

test('a baseline is no share of itself', (t) => {
  for (const { baseline, ratios } of loadBootBudgets()) {
    for (const name of baseline) if (baseline.length === 1) t.false(name in ratios);
  }
  t.pass();
});
