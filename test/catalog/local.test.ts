import { readFileSync } from 'node:fs';
import test from 'ava';
import { load } from 'js-yaml';
import { loadRoles } from '../../src/catalog/load-catalog.js';
import { localSchema } from '../../src/catalog/local.js';
import { repositoryPath } from '../../src/repository.js';

test('catalog/local.yaml is as the schema says, with memory for every role', (t) => {
  const local = localSchema.parse(load(readFileSync(repositoryPath('catalog', 'local.yaml'), 'utf8')));
  t.deepEqual(Object.keys(local.memory.roles).sort(), Object.keys(loadRoles()).sort());
  const prefix = local.network.address.split('.').slice(0, 3).join('.');
  for (const address of [local.network.firstNode, local.network.lastNode])
    t.true(address.startsWith(`${prefix}.`));
});
