import { z } from 'zod';

/** `catalog/components.yaml`: where the files of an artifact go on the node. */
export const componentsSchema = z.strictObject({
  components: z.record(
    z.string(),
    z.strictObject({
      description: z.string(),
      /** Where the binary goes, for an artifact that is one file. */
      path: z.string().optional(),
      /** Archive member → path on the node, for a tar. `{version}` and `{arch}` are replaced; `*` at the end takes every file of a folder. */
      members: z.record(z.string(), z.string()).optional(),
      mode: z.string(),
      /** The argument that prints the version, for the boot test. */
      versionArgs: z.array(z.string()),
    }),
  ),
});

/** `catalog/pins/<file>.yaml`: digests by component and version, each with where it was read. */
export const pinsSchema = z.strictObject({
  pins: z.array(
    z.strictObject({
      name: z.string(),
      version: z.string(),
      arch: z.enum(['amd64', 'arm64', 'index']),
      kind: z.enum(['file', 'tar', 'oci']),
      url: z.url(),
      digest: z.string().regex(/^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/),
      source: z.string(),
      trust: z.enum(['upstream', 'curated', 'third-party']),
      note: z.string().optional(),
    }),
  ),
});

export type Components = z.infer<typeof componentsSchema>;
export type Pin = z.infer<typeof pinsSchema>['pins'][number];
