import { z } from 'zod';

const member = z.strictObject({ package: z.string(), file: z.string() });

const suiteSchema = z.strictObject({
  keyring: z.string(),
  repositories: z.array(z.strictObject({ url: z.url(), suites: z.array(z.string()).min(1) })).min(1),
  kubernetes: z.strictObject({
    sourcePackage: z.string(),
    compilerPackage: z.string(),
    buildPackages: z.array(z.string()),
    programs: z.array(z.string()).min(1),
    path: z.string(),
    member: z.string(),
    /** How long the build takes on two cores, for the line that announces it. */
    minutes: z.int(),
  }),
  artifacts: z.array(
    z.strictObject({
      name: z.string(),
      kind: z.enum(['file', 'tar']),
      /** The package whose version is the artifact's. */
      package: z.string(),
      /** Path in the mirror, below the host: that of the project's own release file. */
      path: z.string(),
      members: z.record(z.string(), member),
      needs: z.array(z.string()),
    }),
  ),
  images: z.array(
    z.strictObject({
      name: z.string().startsWith('image/'),
      repository: z.string(),
      package: z.string(),
      files: z.record(z.string(), member),
      entrypoint: z.array(z.string()),
    }),
  ),
  /** Components a bake may want that this archive does not have. */
  absent: z.array(z.string()),
});

/** `catalog/debian/packages.yaml` */
export const debianPackagesSchema = z.strictObject({
  host: z.string().endsWith('.invalid'),
  suites: z.record(z.string(), suiteSchema),
});

export type DebianPackages = z.infer<typeof debianPackagesSchema>;
export type DebianSuite = DebianPackages['suites'][string];
