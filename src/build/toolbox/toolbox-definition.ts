import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { z } from 'zod';
import { digestOf } from '../../plan/canonical-json.js';
import { repositoryPath } from '../../repository.js';

/** `catalog/toolbox.yaml`: the root filesystem the mkosi engine runs in. */
export const toolboxSchema = z.strictObject({
  suite: z.string(),
  mirror: z.url(),
  components: z.array(z.string()).min(1),
  source: z.string(),
  packages: z.array(z.string()).min(1),
});

export type ToolboxDefinition = z.infer<typeof toolboxSchema>;

/** What the toolbox is made of, and the short digest its folder in the cache is named by. */
export function loadToolboxDefinition(): { definition: ToolboxDefinition; digest: string } {
  const definition = load(
    readFileSync(repositoryPath('catalog', 'toolbox.yaml'), 'utf8'),
  ) as ToolboxDefinition;
  const { suite, mirror, components, packages } = definition;
  const digest = digestOf({ suite, mirror, components, packages: packages.toSorted() });
  return { definition, digest: digest.slice('sha256:'.length, 'sha256:'.length + 16) };
}
