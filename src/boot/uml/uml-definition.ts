import { z } from 'zod';
import { readYaml } from '../../catalog/read-yaml.js';
import { digestOf } from '../../plan/canonical-json.js';

/** `catalog/uml.yaml`: what the fast rig is made of. */
export const umlSchema = z.strictObject({
  suite: z.string(),
  mirror: z.url(),
  components: z.array(z.string()).min(1),
  source: z.string(),
  tried: z.strictObject({ package: z.string(), version: z.string(), kernel: z.string() }),
  packages: z.array(z.string()).min(1),
  network: z.strictObject({ hostAddress: z.ipv4(), source: z.string() }),
  /** Checks of the smoke test this kernel cannot pass, with the reason. */
  cannot: z.strictObject({ checks: z.record(z.string(), z.string()), source: z.string() }),
});

export type UmlDefinition = z.infer<typeof umlSchema>;

/** The definition, and the short digest of what its root is made of: the name of its folder in the cache. */
export function loadUmlDefinition(): { definition: UmlDefinition; digest: string } {
  const definition = readYaml('uml.yaml') as UmlDefinition;
  const { suite, mirror, components, packages } = definition;
  const digest = digestOf({ suite, mirror, components, packages: packages.toSorted() });
  return { definition, digest: digest.slice('sha256:'.length, 'sha256:'.length + 16) };
}
