import type { Plan } from '../plan/types.js';
import { unitOf } from './format-boot-report.js';
import type { BootReport } from './types.js';

const UP = ['ran', 'running', 'starting', 'restarting', 'failed'];

/**
 * Where a boot contradicts the plan's roles: a unit that ran without any of its markers, or one that was held back as if
 * its marker were not there. A unit with its marker may still wait for something else, such as the cluster's identity.
 */
export function roleProblems(report: BootReport, plan: Pick<Plan, 'roles'>): string[] {
  const units = [...new Set(plan.roles.flatMap((role) => role.units))].sort();
  return units.flatMap((name) => {
    const markers = plan.roles.filter((role) => role.units.includes(name)).map((role) => role.marker);
    const { state, reason } = unitOf(report, name);
    const wanted = markers.some((marker) => marker in report.markers);
    if (!wanted) return UP.includes(state) ? [`${name} is ${state} without a marker of its roles`] : [];
    if (state === 'not-started') return [`${name} was not started, though its marker is there`];
    if (state !== 'skipped') return [];
    const byRole =
      reason === 'none of its conditions was met' || markers.some((marker) => reason.endsWith(marker));
    return byRole ? [`${name} was skipped by its role gate, though its marker is there`] : [];
  });
}
