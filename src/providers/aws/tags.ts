/** What marks everything kiln makes in an account; the policies allow changes only to what carries it. */
export const MANAGED_BY = { key: 'managed-by', value: 'kiln' } as const;
/** Which cluster a thing belongs to. Kubernetes' AWS provider reads this one and `kubernetes.io/cluster/<c>`, and wants them to agree. */
export const CLUSTER_TAG = 'KubernetesCluster';
export const ROLE_TAG = 'Role';
export const IMAGE_TAG = 'kiln:image-id';

/** Tags of everything that belongs to the nodes of these roles: `{ KubernetesCluster: 'demo', Role: 'master', … }`. */
export function roleTags({
  cluster,
  roles,
}: {
  cluster: string;
  roles: readonly string[];
}): Record<string, string> {
  return {
    [CLUSTER_TAG]: cluster,
    [clusterOwnedTag(cluster)]: 'owned',
    [ROLE_TAG]: rolesWord(roles),
    [MANAGED_BY.key]: MANAGED_BY.value,
  };
}

export function clusterOwnedTag(cluster: string): string {
  return `kubernetes.io/cluster/${cluster}`;
}

/** `master-minion`: names, tags and node names spell a set of roles so. */
export function rolesWord(roles: readonly string[]): string {
  return roles.join('-');
}

/** Name of the launch template, and of the Auto Scaling group, of one role of one cluster. */
export function roleName(cluster: string, roles: readonly string[]): string {
  return `kiln-${cluster}-${rolesWord(roles)}`;
}

/** As AWS wants them. */
export function tagList(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
