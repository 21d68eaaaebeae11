import type { Ports, RootfsEntry, Sysctls, Users } from './node.js';
import { readYaml } from './read-yaml.js';

/** What every node has, whatever its role: the rest of the catalog a plan is made from. */
export interface NodeCatalog {
  everyNode: string[];
  rootfs: RootfsEntry[];
  sysctls: Sysctls;
  ports: Ports;
  users: Users;
}

export function loadNodeCatalog(): NodeCatalog {
  return {
    everyNode: (readYaml('roles.yaml') as { everyNode: string[] }).everyNode,
    rootfs: (readYaml('rootfs.yaml') as { files: RootfsEntry[] }).files,
    sysctls: readYaml('sysctls.yaml') as Sysctls,
    ports: (readYaml('ports.yaml') as { ports: Ports }).ports,
    users: (readYaml('users.yaml') as { users: Users }).users,
  };
}
