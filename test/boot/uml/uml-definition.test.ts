import { readFileSync } from 'node:fs';
import test from 'ava';
import { load } from 'js-yaml';
import { loadUmlDefinition, umlSchema } from '../../../src/boot/uml/uml-definition.js';
import { repositoryPath } from '../../../src/repository.js';

test('catalog/uml.yaml is valid and lists no package twice', (t) => {
  const { packages } = umlSchema.parse(load(readFileSync(repositoryPath('catalog', 'uml.yaml'), 'utf8')));
  t.is(new Set(packages).size, packages.length);
});

test('what the root is made of names its folder', (t) => {
  const { definition, digest } = loadUmlDefinition();
  t.regex(digest, /^[0-9a-f]{16}$/);
  t.true(definition.packages.includes(definition.tried.package));
});
