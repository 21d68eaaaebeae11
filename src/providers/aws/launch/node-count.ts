import type { NodeCount } from '../../../launch/parse-request.js';
import { rolesWord } from '../tags.js';
import type { AwsCluster, AwsInstance } from '../types.js';

/** How many nodes of these roles there are to be, given how many there are. */
export function targetOf(count: NodeCount, there: number): number {
  return 'total' in count ? Math.max(count.total, there) : there + count.more;
}

/** The cluster's nodes with exactly these roles that are there: a stopped one too, which keeps its name and its disk. */
export function nodesOf(
  { instances }: Pick<AwsCluster, 'instances'>,
  roles: readonly string[],
): AwsInstance[] {
  return allOf({ instances }, roles).filter(
    ({ state }) => state !== 'shutting-down' && state !== 'terminated',
  );
}

/** Those that are gone as well, for as long as AWS shows them. */
export function allOf({ instances }: Pick<AwsCluster, 'instances'>, roles: readonly string[]): AwsInstance[] {
  return instances.filter((instance) => rolesWord(instance.roles) === rolesWord(roles));
}

/** `demo-master-2`: the lowest numbers no node has. */
export function freeNames(base: string, taken: readonly string[], count: number): string[] {
  const names: string[] = [];
  for (let number = 1; names.length < count; number += 1) {
    const name = `${base}-${number}`;
    if (!taken.includes(name)) names.push(name);
  }
  return names;
}
