import { loadIdentityCatalog } from '../catalog/identity.js';
import { KilnError } from '../errors.js';
import type { Identity } from './identity.js';

/** What an EnvironmentFile and a shell read alike, without quotes. */
const PLAIN = /^[A-Za-z0-9._:/@%+,=-]*$/;
const VARIABLE = /^[A-Z][A-Z0-9_]*$/;

/**
 * The files of the channel that brings a node its identity, path → text: `cluster.env` and, for the node's roles only,
 * `<role>/<owner>/<file>`. What each role is given stands in `catalog/identity.yaml`.
 *
 * @param roles names from `catalog/roles.yaml`, no aliases.
 * @param clusterEnv settings of the cluster, nothing secret; CLUSTER_NAME must be among them.
 * @throws KilnError UNKNOWN_NAME for a role, IDENTITY_INVALID for a secret that is not there, USAGE for a setting that needs quotes.
 */
export function identityBundle({
  identity,
  roles,
  clusterEnv,
}: {
  identity: Identity;
  roles: readonly string[];
  clusterEnv: Readonly<Record<string, string>>;
}): Record<string, string> {
  const files: Record<string, string> = { 'cluster.env': environmentFile(clusterEnv) };
  for (const role of roles) {
    for (const [owner, wanted] of Object.entries(bundleOf(role))) {
      for (const [file, secret] of Object.entries(wanted)) {
        files[`${role}/${owner}/${file}`] = textOf(identity, secret);
      }
    }
  }
  return files;
}

function environmentFile(settings: Readonly<Record<string, string>>): string {
  if (!settings.CLUSTER_NAME)
    throw new KilnError('USAGE', 'The settings of a cluster must name it (CLUSTER_NAME)');
  return Object.entries(settings).map(environmentLine).join('');
}

function environmentLine([name, value]: [string, string]): string {
  if (VARIABLE.test(name) && PLAIN.test(value)) return `${name}=${value}\n`;
  throw new KilnError('USAGE', `${name}=${JSON.stringify(value)} cannot be a setting of a cluster`, {
    hint: 'Use letters, digits and . _ : / @ % + , = - only.',
  });
}

function bundleOf(role: string): Record<string, Record<string, string>> {
  const { bundles } = loadIdentityCatalog();
  const bundle = bundles[role];
  if (bundle !== undefined) return bundle;
  throw new KilnError('UNKNOWN_NAME', `There is no role ${JSON.stringify(role)} to make an identity for`, {
    hint: `Known: ${Object.keys(bundles).join(', ')}.`,
  });
}

function textOf(identity: Identity, secret: string): string {
  const text = identity[secret];
  if (text !== undefined) return text;
  throw new KilnError('IDENTITY_INVALID', `The cluster's identity has no ${secret}`, {
    hint: 'It was made by another version of kiln: launch a new cluster with this one.',
  });
}
