import { z } from 'zod';

/** `catalog/boot-cells.yaml`: the ways a boot test starts an image, besides once in every role. */
export const bootCellsSchema = z.strictObject({
  cells: z.array(
    z.strictObject({
      name: z.string().regex(/^[a-z][a-z-]*$/),
      title: z.string(),
      seed: z.enum(['user-data', 'no-user-data', 'none']).optional(),
      roles: z.array(z.string()).optional(),
      markers: z.record(z.string().startsWith('kubernetes-'), z.string()).optional(),
      refused: z.string().optional(),
    }),
  ),
  reboot: z.array(z.string()),
});

export type BootCells = z.infer<typeof bootCellsSchema>;
