import { z } from 'zod';

/** `catalog/tools.yaml`: programs kiln calls on the machine it runs on. */
export const toolsSchema = z.strictObject({
  tools: z.array(
    z.strictObject({
      /** A program on PATH, or the absolute path of a file. */
      name: z.string(),
      purpose: z.string(),
      for: z.array(z.string()).optional(),
      versionArgs: z.array(z.string()).optional(),
      minVersion: z.string().optional(),
      packages: z.strictObject({ debian: z.string(), redhat: z.string().optional() }),
    }),
  ),
});

export type Tool = z.infer<typeof toolsSchema>['tools'][number];
