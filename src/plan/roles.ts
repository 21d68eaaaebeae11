import type { PlanInput } from './plan-input.js';
import type { PlannedRole } from './types.js';

/** Every role with its marker and the units its marker lets run. */
export function roles(input: PlanInput): PlannedRole[] {
  return Object.entries(input.roles).map(([name, role]) => ({
    name,
    marker: role.marker,
    units: role.units.flatMap((unit) => resolveUnit(unit, input)),
  }));
}

/** unit → the markers any of which lets it run. */
export function markersByUnit(input: PlanInput): Map<string, string[]> {
  const markers = new Map<string, string[]>();
  for (const role of roles(input)) {
    for (const unit of role.units) markers.set(unit, [...(markers.get(unit) ?? []), role.marker]);
  }
  return markers;
}

/** `@network` is the chosen network's own unit, `@haproxy` and `@keepalived` what the OS calls them. */
function resolveUnit(unit: string, { network, os }: PlanInput): string[] {
  if (unit === '@network') return network.unit === undefined ? [] : [network.unit];
  if (unit === 'kube-proxy.service' && network.replacesKubeProxy) return [];
  if (unit === 'haproxy.service') return [os.units.haproxy];
  if (unit === 'keepalived.service') return [os.units.keepalived];
  return [unit];
}
