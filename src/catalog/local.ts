import { z } from 'zod';
import { readYaml } from './read-yaml.js';

const mebibytes = z.int().min(128);
const seconds = z.int().positive();
const port = z.int().min(1024).max(32_767);

/** `catalog/local.yaml`; what the words in it mean is said there. */
export const localSchema = z.strictObject({
  network: z.strictObject({
    bridge: z.string().max(15),
    bridgeMac: z.mac(),
    address: z.ipv4(),
    netmask: z.ipv4(),
    prefix: z.int().min(8).max(30),
    firstNode: z.ipv4(),
    lastNode: z.ipv4(),
    macPrefix: z.string().regex(/^[\da-f]{2}(:[\da-f]{2}){2}$/),
    apiPorts: z.strictObject({ first: port, last: port }),
  }),
  wayOut: z.strictObject({ interface: z.string().max(15), nameServer: z.ipv4(), source: z.string() }),
  memory: z.strictObject({
    roles: z.record(z.string(), mebibytes),
    none: mebibytes,
    minimum: z.strictObject({ qemu: mebibytes, uml: mebibytes }),
  }),
  /** Settings for cluster.env. */
  emulated: z.record(z.string(), z.string()),
  diskGrowth: z.int().positive(),
  powerOff: z.strictObject({ qemu: seconds, uml: seconds }),
  login: z.strictObject({ user: z.string() }),
  programs: z.array(z.string()).min(1),
});

export type LocalCatalog = z.infer<typeof localSchema>;

export function loadLocalCatalog(): LocalCatalog {
  return readYaml('local.yaml') as LocalCatalog;
}
