import type { Account } from './fake/account.js';
import type { Tags } from './fake/launch-data.js';

/** Tags of what is not cluster demo's of kiln: anybody's, Kubernetes' own, another's, another cluster's of kiln, one that only begins alike. */
const FOREIGN: readonly Tags[] = [
  {},
  { KubernetesCluster: 'demo' },
  { KubernetesCluster: 'demo', 'managed-by': 'somebody' },
  { 'managed-by': 'kiln' },
  { KubernetesCluster: 'other', 'managed-by': 'kiln' },
  { KubernetesCluster: 'demo-x', 'managed-by': 'kiln' },
];

/**
 * Places one of every kind `destroy` removes for each of these tags, made after what a cluster of the account has: `group …`, as
 * `everything` spells them. It needs an account with a launched cluster that has a group.
 */
export function placeForeign(account: Account): string[] {
  const instance = first(account.instances);
  const volume = first(account.volumes);
  const nic = first(account.interfaces);
  const template = first(account.templates);
  const group = first(account.groups);
  return FOREIGN.flatMap((tags, index) => {
    const loose = { instance: undefined, tags };
    const reservation = `r-foreign${index}`;
    const name = `kiln-demo-foreign${index}`;
    const groupTags = Object.entries(tags).map(([key, value]) => ({ key, value, propagate: false }));
    put(account.instances, { ...instance, id: `i-foreign${index}`, reservation, group: undefined, tags });
    put(account.volumes, { ...volume, id: `vol-foreign${index}`, ...loose });
    put(account.interfaces, { ...nic, id: `eni-foreign${index}`, ...loose });
    put(account.templates, { ...template, id: `lt-foreign${index}`, name, tags });
    account.groups.set(name, { ...group, name, min: 0, desired: 0, tags: groupTags });
    return [
      ...[`instance i-foreign${index}`, `volume vol-foreign${index}`, `interface eni-foreign${index}`],
      ...[`template lt-foreign${index}`, `group ${name}`],
    ];
  });
}

function first<T>(things: ReadonlyMap<string, T>): T {
  const [thing] = things.values();
  if (thing === undefined) throw new Error('the account has no cluster to copy from');
  return thing;
}

function put<T extends { id: string }>(things: Map<string, T>, thing: T): void {
  things.set(thing.id, thing);
}
