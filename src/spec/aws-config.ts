import { z } from 'zod';

const id = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}-[0-9a-f]{8,17}$`), `expected ${prefix}-…`);

/** `aws:` in `kiln.yaml`; the flags of `launch` and `bake image --target aws` have the same names, in the singular where they repeat. */
export const awsConfigSchema = z.strictObject({
  region: z.string().optional(),
  /** Nodes are spread over them. */
  subnets: z.array(id('subnet')).min(1).optional(),
  /** At most one carries the cluster's tag. */
  securityGroups: z.array(id('sg')).min(1).optional(),
  /** By name. */
  instanceProfile: z.string().optional(),
  /** In the order to be tried. */
  instanceTypes: z.array(z.string()).min(1).optional(),
  /** Root disk of a node, GiB. */
  volumeSize: z.number().int().min(8).max(16_384).optional(),
  /** Key the root disks are encrypted with; default: the account's own. */
  kmsKeyId: z.string().optional(),
  /** Who may reach the API, and the builder of an AMI; never the whole internet. */
  adminCidrs: z.array(z.cidrv4()).min(1).optional(),
  builder: z
    .strictObject({
      instanceType: z.string().optional(),
      subnet: id('subnet').optional(),
      sshInterface: z.enum(['public_ip', 'private_ip', 'session_manager']).optional(),
      /** Where the builder's SSH port is reached, when not at its own address: a bastion's forwarded port. */
      sshHost: z.string().optional(),
      sshPort: z.number().int().min(1).max(65_535).optional(),
      /** The key that goes with `sshHost` where the machine there does not take Packer's temporary one. */
      sshPrivateKeyFile: z.string().optional(),
    })
    .optional(),
});

export type AwsConfig = z.infer<typeof awsConfigSchema>;
