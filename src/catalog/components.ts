import { z } from 'zod';

/** `catalog/components.yaml`: where the files of an artifact go on the node. */
export const componentsSchema = z.strictObject({
  components: z.record(
    z.string(),
    z.strictObject({
      description: z.string(),
      /** Where the artifact itself goes: one binary, or an image as an OCI archive. */
      path: z.string().startsWith('/').optional(),
      /**
       * Archive member → path on the node, for a tar, or for files taken out of an image's layers. `{version}` and
       * `{arch}` are replaced. Members are compared without a leading `./`, which some projects write and some do not.
       */
      members: z.record(z.string().regex(/^[^./]/), z.string().startsWith('/')).optional(),
      mode: z.string().regex(/^0[0-7]{3}$/),
      /** The argument that prints the version, for the boot test; empty for what is no program. */
      versionArgs: z.array(z.string()),
      /** Path on the node → the same for a program that wants other arguments than the rest of its archive. */
      versionArgsOf: z.record(z.string().startsWith('/'), z.array(z.string()).min(1)).optional(),
    }),
  ),
});

/** `catalog/pins/<file>.yaml`: digests by component and version, each with where it was read. */
export const pinsSchema = z.strictObject({
  pins: z.array(
    z.strictObject({
      name: z.string(),
      version: z.string(),
      /** `index`: an image index, from which a registry client picks its own architecture. */
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
