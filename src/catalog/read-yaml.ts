import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { load } from 'js-yaml';
import { repositoryPath } from '../repository.js';

const require = createRequire(import.meta.url);
const parsed = new Map<string, unknown>();

/**
 * One YAML file of the catalog. Not checked against its schema: the data ships with kiln and the contract tests hold it
 * to them. Parsing YAML is most of what a plan would cost, so the build leaves the same as JSON beside the compiled code;
 * that is read unless the YAML is newer. Callers must not change what they get.
 */
export function readYaml(...parts: string[]): unknown {
  const name = parts.join('/');
  if (!parsed.has(name)) parsed.set(name, readCompiled(name) ?? parseYaml(repositoryPath('catalog', name)));
  return parsed.get(name);
}

/** Where the build puts the JSON of `catalog/<name>`. */
export function compiledPath(name: string): string {
  return repositoryPath('dist', 'catalog', `${name}.json`);
}

function readCompiled(name: string): unknown {
  const compiled = statSync(compiledPath(name), { throwIfNoEntry: false });
  if (compiled === undefined) return undefined;
  const { mtimeMs } = statSync(repositoryPath('catalog', name));
  return mtimeMs > compiled.mtimeMs ? undefined : JSON.parse(readFileSync(compiledPath(name), 'utf8'));
}

/** js-yaml is loaded only when something has to be parsed. */
function parseYaml(file: string): unknown {
  const yaml = require('js-yaml') as { load: typeof load };
  return yaml.load(readFileSync(file, 'utf8'));
}
