import { z } from 'zod';
import { readYaml } from './read-yaml.js';

const usageSchema = z.enum(['server', 'client']);

const leafSchema = z.strictObject({
  owner: z.string(),
  file: z.string(),
  authority: z.string(),
  commonName: z.string(),
  organization: z.string().optional(),
  usages: z.array(usageSchema).min(1),
  names: z.array(z.string()).optional(),
  addresses: z.array(z.string()).optional(),
});

/** `catalog/identity.yaml`; what the words in it mean is said there. */
export const identitySchema = z.strictObject({
  source: z.string(),
  authorities: z.record(z.string(), z.strictObject({ commonName: z.string(), days: z.int().positive() })),
  /** role → owner → file → secret. */
  bundles: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.string()))),
  leaves: z.strictObject({
    days: z.int().positive(),
    renewDays: z.int().positive(),
    certificates: z.array(leafSchema),
  }),
  administrator: z.strictObject({
    commonName: z.string(),
    organization: z.string(),
    days: z.int().positive(),
  }),
});

export type IdentityCatalog = z.infer<typeof identitySchema>;
export type LeafCertificate = z.infer<typeof leafSchema>;

export function loadIdentityCatalog(): IdentityCatalog {
  return readYaml('identity.yaml') as IdentityCatalog;
}
