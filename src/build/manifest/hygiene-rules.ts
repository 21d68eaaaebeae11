import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { z } from 'zod';
import { repositoryPath } from '../../repository.js';

/** `catalog/hygiene.yaml`: what a finished image must not hold. */
export const hygieneSchema = z.strictObject({
  rules: z.array(
    z.strictObject({
      rule: z.string(),
      detail: z.string(),
      paths: z.array(z.string().startsWith('/')).min(1),
      nonEmpty: z.boolean().optional(),
    }),
  ),
  privateKeys: z.strictObject({ maxSize: z.int() }),
  allowed: z.array(
    z.strictObject({ path: z.string(), rule: z.string(), reason: z.string(), source: z.string() }),
  ),
});

export type HygieneRules = z.infer<typeof hygieneSchema>;

export function loadHygieneRules(): HygieneRules {
  return load(readFileSync(repositoryPath('catalog', 'hygiene.yaml'), 'utf8')) as HygieneRules;
}
