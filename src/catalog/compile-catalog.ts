import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryPath } from '../repository.js';
import { compiledPath, readYaml } from './read-yaml.js';

// Run by `npm run build`: every YAML file of the catalog as JSON below dist/catalog, for quick start-up.
for (const name of globSync('**/*.yaml', { cwd: repositoryPath('catalog') })) {
  const target = compiledPath(name);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, JSON.stringify(readYaml(name)));
}
