import { readFile } from 'node:fs/promises';
import { load } from 'js-yaml';
import { KilnError } from '../../errors.js';
import { repositoryPath } from '../../repository.js';
import { type DebianSuite, debianPackagesSchema } from './packages.js';

/** What a mirror of one Debian suite is made of, and the host name its files go by. @throws KilnError UNKNOWN_NAME. */
export async function loadDebianSuite(name: string): Promise<{ host: string; suite: DebianSuite }> {
  const text = await readFile(repositoryPath('catalog', 'debian', 'packages.yaml'), 'utf8');
  const { host, suites } = debianPackagesSchema.parse(load(text));
  const suite = suites[name];
  if (suite !== undefined) return { host, suite };
  throw new KilnError('UNKNOWN_NAME', `Unknown Debian suite ${JSON.stringify(name)}`, {
    hint: `A mirror can be made from: ${Object.keys(suites).join(', ')}.`,
  });
}
