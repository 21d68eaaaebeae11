import { z } from 'zod';
import { awsConfigSchema } from './aws-config.js';

const cidr = z.cidrv4('expected an IPv4 range such as 10.244.0.0/16');

/** `kiln.yaml`: the same words as the flags; a flag wins over the file. */
export const configSchema = z.strictObject({
  os: z.string().optional(),
  kubernetes: z.coerce.string().optional(),
  network: z.string().optional(),
  arch: z.enum(['amd64', 'arm64']).optional(),
  podCidr: cidr.optional(),
  serviceCidr: cidr.optional(),
  clusterDomain: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'expected a DNS name')
    .optional(),
  engine: z.enum(['mkosi', 'packer']).optional(),
  base: z.string().optional(),
  mirror: z.string().optional(),
  lock: z.string().optional(),
  out: z.string().optional(),
  provider: z.enum(['local', 'aws']).optional(),
  target: z.enum(['disk', 'aws']).optional(),
  aws: awsConfigSchema.optional(),
});

export type Config = z.infer<typeof configSchema>;
