import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { z } from 'zod';
import type { OperatingSystem } from '../../catalog/os.js';
import { KilnError } from '../../errors.js';
import type { Plan } from '../../plan/types.js';
import { repositoryPath } from '../../repository.js';

/** `catalog/mkosi.yaml` */
export const mkosiFactsSchema = z.strictObject({
  archives: z.record(
    z.string(),
    z
      .array(z.strictObject({ url: z.url(), suites: z.array(z.string()), components: z.array(z.string()) }))
      .min(1),
  ),
  keyrings: z.record(z.string(), z.string()),
  disk: z.strictObject({ espMebibytes: z.int(), rootMebibytes: z.int() }),
  source: z.string(),
});

export type MkosiFacts = z.infer<typeof mkosiFactsSchema>;
export type Archive = MkosiFacts['archives'][string][number];

export function loadMkosiFacts(): MkosiFacts {
  return load(readFileSync(repositoryPath('catalog', 'mkosi.yaml'), 'utf8')) as MkosiFacts;
}

/**
 * The package archives a disk is made from: those the base names, else the distribution's own, with the base's in place of
 * the first.
 *
 * @throws KilnError PAIR_REFUSED for a distribution the engine has no archive for.
 */
export function archivesOf({ os, base }: { os: OperatingSystem; base: Plan['base'] }): Archive[] {
  const { id, codename = '' } = os.distribution;
  const known = loadMkosiFacts().archives[id];
  if (known === undefined) {
    throw new KilnError('PAIR_REFUSED', `The mkosi engine has no package archive for ${os.title}`, {
      hint: 'Choose --engine packer.',
    });
  }
  const archive = base?.kind === 'archive' ? base : undefined;
  if (archive?.archives !== undefined) return archive.archives;
  return known.map((part, index) => ({
    ...part,
    url: index === 0 && archive !== undefined ? archive.url : part.url,
    suites: part.suites.map((suite) => suite.replace('{codename}', archive?.suite ?? codename)),
  }));
}
