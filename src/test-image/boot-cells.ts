import { dump } from 'js-yaml';
import { closestMatch } from 'leven';
import type { BootCells } from '../catalog/boot-cells.js';
import { loadRoles } from '../catalog/load-catalog.js';
import { readYaml } from '../catalog/read-yaml.js';
import { KilnError } from '../errors.js';
import { renderUserData } from '../launch/render-user-data.js';
import type { Plan } from '../plan/types.js';
import type { BootCell } from './types.js';

/** The cluster every test marker names. */
const CLUSTER = 'kiln';
const MARKERS = '/etc/sysconfig/';

/** The whole boot matrix of an image: every role by itself, then the cells of catalog/boot-cells.yaml. */
export function bootCells(plan: Pick<Plan, 'roles'>): BootCell[] {
  const { cells, reboot } = readYaml('boot-cells.yaml') as BootCells;
  const titles = loadRoles();
  const ofRoles = plan.roles.map(({ name }) => ({
    name,
    title: titles[name]?.description ?? name,
    roles: [name],
  }));
  return [...ofRoles, ...cells].map((cell) => makeCell(cell, plan, reboot));
}

/**
 * The cells asked for by name, in the matrix's order; all of them when none is named.
 *
 * @throws KilnError UNKNOWN_NAME for a cell the matrix lacks.
 */
export function chooseCells(plan: Pick<Plan, 'roles'>, names: readonly string[]): BootCell[] {
  const cells = bootCells(plan);
  const unknown = names.find((name) => !cells.some((cell) => cell.name === name));
  if (unknown !== undefined) {
    throw unknownCell(unknown, cells);
  }
  return names.length === 0 ? cells : cells.filter(({ name }) => names.includes(name));
}

function unknownCell(name: string, cells: readonly BootCell[]): KilnError {
  const known = cells.map((cell) => cell.name);
  const nearest = closestMatch(name, known, { maxDistance: 4 });
  const guess = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return new KilnError('UNKNOWN_NAME', `There is no boot cell ${JSON.stringify(name)}${guess}`, {
    hint: `The matrix of this image: ${known.join(', ')}.`,
  });
}

function makeCell(
  { name, title, seed = 'user-data', roles = [], markers = {}, refused }: BootCells['cells'][number],
  plan: Pick<Plan, 'roles'>,
  reboot: readonly string[],
): BootCell {
  const ofRoles = plan.roles
    .filter((role) => roles.includes(role.name))
    .map(({ marker }) => [marker, `CLUSTER_NAME=${CLUSTER}`] as const);
  const asWritten = Object.entries(markers).map(([file, content]) => [`${MARKERS}${file}`, content] as const);
  const userData = asWritten.length > 0 ? writeFiles(asWritten) : renderUserData({ roles, cluster: CLUSTER });
  return {
    name,
    title,
    seed,
    userData: seed === 'user-data' ? userData : '',
    markers: Object.fromEntries([...ofRoles, ...asWritten]),
    roles: [...roles],
    ...(refused === undefined ? {} : { refusedWith: refused }),
    reboot: reboot.includes(name),
  };
}

/** User data as a person might write it by hand: `launch` refuses to. */
function writeFiles(files: readonly (readonly [string, string])[]): string {
  return `#cloud-config\n${dump({ write_files: files.map(([path, content]) => ({ path, content })) })}`;
}
