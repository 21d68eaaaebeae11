import { applies } from './applies.js';
import type { PlanInput } from './plan-input.js';
import { roles } from './roles.js';
import type { PlannedPort } from './types.js';

/** The ports table of this image: what listens where, and on which roles' nodes. Units the image lacks have no ports. */
export function ports(input: PlanInput): PlannedPort[] {
  const ofNetwork = input.network.ports.map((port) => ({ ...port, unit: input.network.unit ?? EVERY_NODE }));
  const listed = input.ports
    .filter((port) => applies(port.when, input))
    .map(({ port, protocol, address, unit, purpose }) => ({ port, protocol, address, unit, purpose }));
  return [...listed, ...ofNetwork]
    .map((port) => ({ ...port, roles: rolesOfUnit(port.unit, input) }))
    .filter((port) => port.roles.length > 0);
}

/** What the ports table calls the one service of every node. */
const EVERY_NODE = 'ssh.service';

function rolesOfUnit(unit: string, input: PlanInput): string[] {
  const all = roles(input);
  return all.filter((role) => unit === EVERY_NODE || role.units.includes(unit)).map(({ name }) => name);
}
