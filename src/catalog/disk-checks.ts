import { z } from 'zod';

const arch = z.enum(['amd64', 'arm64']);
const guid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const presence = z.enum(['required', 'optional']);
const alternatives = z.array(z.array(z.string()).min(1)).min(1);

/** `catalog/disk-checks.yaml`: what a disk at rest is held to besides its plan. */
export const diskChecksSchema = z.strictObject({
  partitions: z.strictObject({
    alignmentBytes: z.int(),
    alignmentSource: z.string(),
    esp: z.strictObject({ type: guid, fat32MinimumClusters: z.int(), source: z.string() }),
    biosBoot: z.strictObject({ type: guid, source: z.string() }),
    root: z.strictObject({
      /** Partition types a root may have: GUIDs of a GPT, or the byte of an MBR table. */
      types: z.record(arch, z.array(z.union([guid, z.string().regex(/^[0-9a-f]{2}$/)]))),
      discoverable: z.record(arch, guid),
      source: z.string(),
    }),
  }),
  targets: z.record(
    z.string(),
    z.strictObject({ uefi: presence, bios: presence, reason: z.string(), source: z.string() }),
  ),
  uefi: z.record(
    arch,
    z.strictObject({
      /** Path on the EFI system partition. */
      file: z.string().startsWith('EFI/BOOT/'),
      /** Number of the machine in the header of its programs. */
      machine: z.int(),
    }),
  ),
  uefiSource: z.string(),
  drivers: z.array(
    z.strictObject({
      /** As the kernel names it, with underscores. */
      name: z.string().regex(/^[a-z0-9_]+$/),
      where: z.enum(['initrd', 'node']),
      why: z.string(),
      source: z.string(),
    }),
  ),
  kernelArguments: z.strictObject({
    allowed: z.array(z.string()),
    rescue: z.array(z.string()),
    source: z.string(),
  }),
  rootReferences: z.strictObject({ stable: z.array(z.string()), source: z.string() }),
  growth: z.strictObject({
    /** Modules of cloud-init. */
    modules: z.array(z.string()).min(1),
    programs: z.strictObject({ ext4: alternatives, xfs: alternatives }),
    folders: z.array(z.string().startsWith('/')),
    source: z.string(),
  }),
  permissions: z.strictObject({
    worldWritable: z.array(
      z.strictObject({ path: z.string().startsWith('/'), reason: z.string(), source: z.string() }),
    ),
    /** Globs. */
    closed: z.array(z.string().startsWith('/')),
    setuid: z.array(
      z.strictObject({
        path: z.string().startsWith('/'),
        reason: z.string(),
        /** The package that brings it. */
        from: z.string(),
      }),
    ),
    setuidSource: z.string(),
  }),
});

export type DiskCheckFacts = z.infer<typeof diskChecksSchema>;
