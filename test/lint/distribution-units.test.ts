import { readFileSync } from 'node:fs';
import test from 'ava';
import { load } from 'js-yaml';
import { distributionUnitsSchema } from '../../src/lint/distribution-units.js';
import { repositoryPath } from '../../src/repository.js';

const table = load(readFileSync(repositoryPath('catalog/distribution-units.yaml'), 'utf8'));

test('catalog/distribution-units.yaml is as its schema says', (t) => {
  t.is(distributionUnitsSchema.safeParse(table).error?.message, undefined);
});

test('each unit is there once for each family, and names only units that are there too', (t) => {
  const { units, neverAfter } = distributionUnitsSchema.parse(table);
  const names = new Set(units.map(({ name }) => name));
  const keys = units.flatMap(({ name, families = ['debian', 'redhat'] }) =>
    families.map((family) => `${family} ${name}`),
  );
  t.deepEqual(
    keys.filter((key, index) => keys.indexOf(key) !== index),
    [],
  );
  const named = units.flatMap(({ after = [], before = [], wantedBy = [] }) => [
    ...after,
    ...before,
    ...wantedBy,
  ]);
  t.deepEqual(
    [...named, ...neverAfter.map(({ name }) => name)].filter((name) => !names.has(name)),
    [],
  );
});
