import { KilnError } from '../errors.js';
import type { Plan } from '../plan/types.js';

/** The table the node itself reads: role marker dns units aliases conflicts. */
const ROLE_TABLE = '/usr/lib/kiln/roles';

/** Refuses roles that the image knows cannot share a node. @throws KilnError LAUNCH_REFUSED. */
export function checkRoles(roles: readonly string[], plan: Pick<Plan, 'files'>): void {
  const table = new Map(readTable(plan).map(([name = '', , , , , conflicts = '-']) => [name, conflicts]));
  for (const role of roles) {
    if (!table.has(role)) throw new KilnError('LAUNCH_REFUSED', `The image knows no role ${role}`);
    const other = roles.find((name) => name > role && table.get(role)?.split(',').includes(name));
    if (other === undefined) continue;
    throw new KilnError(
      'LAUNCH_REFUSED',
      `The roles ${role} and ${other} cannot share a node: both want one port`,
      {
        hint: `Launch them apart: \`launch --role ${role}\`, then \`launch --role ${other}\`.`,
      },
    );
  }
}

function readTable({ files }: Pick<Plan, 'files'>): string[][] {
  const file = files.find(({ path }) => path === ROLE_TABLE);
  if (file === undefined || !('content' in file)) {
    throw new KilnError('IMAGE_INVALID', `The image has no ${ROLE_TABLE}: it was baked by another kiln`);
  }
  return file.content
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' '));
}
