import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { z } from 'zod';
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
 * The package archives a disk is made from: the distribution's own, with the plan's base in place of the first.
 *
 * @throws KilnError PAIR_REFUSED for a distribution the engine has no archive for.
 */
export function archivesOf(
  { archives }: MkosiFacts,
  distribution: string,
  codename: string,
  plan: Plan,
): Archive[] {
  const known = archives[distribution];
  if (known === undefined) {
    throw new KilnError('PAIR_REFUSED', `The mkosi engine has no package archive for ${plan.spec.os}`, {
      hint: 'Choose --engine packer.',
    });
  }
  const base = plan.base?.kind === 'archive' ? plan.base : undefined;
  return known.map((archive, index) => ({
    ...archive,
    url: index === 0 && base !== undefined ? base.url : archive.url,
    suites: archive.suites.map((suite) => suite.replace('{codename}', base?.suite ?? codename)),
  }));
}
