import { loadRoles } from '../catalog/load-catalog.js';
import { KilnError } from '../errors.js';
import { renderTemplate } from '../render/render-template.js';

/** A DNS label: the cluster's name becomes part of host names. RFC 1123. */
const CLUSTER_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * The user data that makes a node take these roles: markers with the cluster's name, nothing else. Roles may be given by
 * their aliases; none gives user data that writes nothing.
 *
 * @throws KilnError UNKNOWN_NAME for a role, USAGE for a cluster name that is no DNS label.
 */
export function renderUserData({ roles, cluster }: { roles: readonly string[]; cluster: string }): string {
  if (!CLUSTER_NAME.test(cluster)) {
    throw new KilnError('USAGE', `${JSON.stringify(cluster)} cannot be a cluster's name`, {
      hint: 'Use lower-case letters, digits and dashes, at most 63, starting and ending with a letter or digit.',
    });
  }
  if (roles.length === 0) return '#cloud-config\n{}\n';
  return renderTemplate('cloudinit/user-data.hbs', { cluster, markers: roles.map(markerOf) });
}

/** NoCloud meta-data. `instanceId` decides whether cloud-init takes the boot for a first one. */
export function renderMetaData(record: { instanceId: string; hostname: string }): string {
  return renderTemplate('cloudinit/meta-data.hbs', record);
}

function markerOf(name: string): string {
  const roles = loadRoles();
  const role = roles[name] ?? Object.values(roles).find(({ aliases }) => aliases.includes(name));
  if (role !== undefined) return role.marker;
  throw new KilnError('UNKNOWN_NAME', `There is no role ${JSON.stringify(name)}`, {
    hint: `Known: ${Object.keys(roles).join(', ')}. \`bake list roles\` tells more about each.`,
  });
}
