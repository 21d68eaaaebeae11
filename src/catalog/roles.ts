import { z } from 'zod';

/** `catalog/roles.yaml`. `@network` in `units` stands for the unit of the chosen network. */
export const rolesSchema = z.strictObject({
  /** Units that run on every node, with no gate. */
  everyNode: z.array(z.string()),
  roles: z.record(
    z.string(),
    z.strictObject({
      description: z.string(),
      aliases: z.array(z.string()),
      marker: z.string().startsWith('/etc/sysconfig/kubernetes-'),
      dns: z.string(),
      units: z.array(z.string()),
    }),
  ),
});

export type Role = z.infer<typeof rolesSchema>['roles'][string];
