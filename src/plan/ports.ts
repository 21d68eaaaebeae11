import { applies } from './applies.js';
import type { PlanInput } from './plan-input.js';
import { roles } from './roles.js';
import type { PlannedPort } from './types.js';

/** The ports table of this image: what listens where, and on which roles' nodes. */
export function ports(input: PlanInput): PlannedPort[] {
  const ofNetwork = input.network.ports.map((port) => ({ ...port, unit: input.network.unit ?? 'kernel' }));
  const listed = input.ports
    .filter((port) => applies(port.when, input))
    .map(({ port, protocol, address, unit, purpose }) => ({ port, protocol, address, unit, purpose }));
  return [...listed, ...ofNetwork].map((port) => ({ ...port, roles: rolesOfUnit(port.unit, input) }));
}

/** A unit no role names (ssh) runs on every node. */
function rolesOfUnit(unit: string, input: PlanInput): string[] {
  const all = roles(input);
  const naming = all.filter((role) => role.units.includes(unit)).map(({ name }) => name);
  return naming.length > 0 ? naming : all.map(({ name }) => name);
}
