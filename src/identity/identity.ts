import { type IdentityCatalog, loadIdentityCatalog } from '../catalog/identity.js';

/**
 * The secrets of one cluster: name → text, names as `catalog/identity.yaml` uses them (`kubernetes.crt`, `sa.key`, …).
 * Never in an image, in user data, in an argument of a command or in a message.
 */
export type Identity = Readonly<Record<string, string>>;

/** The names of all secrets a cluster has. */
export function secretNames({ authorities }: IdentityCatalog = loadIdentityCatalog()): string[] {
  return [
    ...Object.keys(authorities).flatMap((name) => [`${name}.crt`, `${name}.key`]),
    'sa.key',
    'sa.pub',
    'encryption.yaml',
    'bootstrap.token',
  ];
}
