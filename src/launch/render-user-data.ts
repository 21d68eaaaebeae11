import { loadRoles } from '../catalog/load-catalog.js';
import { KilnError } from '../errors.js';
import { renderTemplate } from '../render/render-template.js';
import { parseClusterName } from './cluster-name.js';

/**
 * The user data that makes a node take these roles: markers with the cluster's name, nothing else. Roles may be given by
 * their aliases; none gives user data that writes nothing.
 *
 * @throws KilnError UNKNOWN_NAME for a role, USAGE for a cluster name that is no DNS label.
 */
export function renderUserData({ roles, cluster }: { roles: readonly string[]; cluster: string }): string {
  parseClusterName(cluster);
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
