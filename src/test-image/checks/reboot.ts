import type { GuestFacts } from '../../boot/probe/guest-facts.js';
import type { BootReport } from '../../boot/types.js';
import { unitOf } from '../../boot/unit-of.js';
import type { Plan } from '../../plan/types.js';
import type { BootCheck, BootContext, CheckOutcome, Problem } from '../types.js';
import { listOf, noProbe } from './with-facts.js';

export const reboot: BootCheck = {
  name: 'reboot',
  title: 'A second boot is the same machine in the same role',
  applies: ({ before }) => before !== undefined,
  run: checkReboot,
};

/** What stays over a reboot stays, what is new at each boot is new, and the same units of roles run. */
function checkReboot(context: BootContext): CheckOutcome {
  const { before, boot, facts, plan } = context;
  if (before === undefined) return { skipped: 'this is the first boot of its disk' };
  const units = unitProblems(before.boot, boot, plan);
  const failed = boot.failedUnits
    .filter((unit) => !before.boot.failedUnits.includes(unit))
    .map((subject) => ({
      subject,
      message: 'expected it not to fail at the second boot, found that it did',
    }));
  const problems = [...units, ...failed, ...markerProblems(before.boot.markers, boot.markers)];
  const roleUnits = new Set(plan.roles.flatMap((role) => role.units)).size;
  const examined = roleUnits + Math.max(1, Object.keys(before.boot.markers).length);
  if (before.facts === undefined || facts === undefined) {
    return { examined, problems, notes: [`machine-id, boot id, host keys, hostname: ${noProbe(context)}`] };
  }
  const machine = machineProblems(before.facts, facts);
  return { examined: examined + machine.examined, problems: [...problems, ...machine.problems] };
}

function unitProblems(first: BootReport, second: BootReport, plan: Plan): Problem[] {
  const units = [...new Set(plan.roles.flatMap((role) => role.units))].sort();
  return units.flatMap((subject): Problem[] => {
    const [was, is] = [unitOf(first, subject), unitOf(second, subject)];
    if (was.state === is.state) return [];
    return [{ subject, message: `expected it ${was.state} as at the first boot, found it ${is.state}` }];
  });
}

function markerProblems(was: Record<string, string>, is: Record<string, string>): Problem[] {
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].sort().flatMap((subject): Problem[] => {
    if (was[subject] === is[subject]) return [];
    const [before, after] = [was[subject], is[subject]].map((text) => JSON.stringify(text ?? null));
    return [{ subject, message: `expected ${before} as after the first boot, found ${after}` }];
  });
}

function machineProblems(was: GuestFacts, is: GuestFacts): { examined: number; problems: Problem[] } {
  const same = [
    ['machine-id', was.machine.machineId, is.machine.machineId],
    ['host keys', listOf(was.machine.hostKeys.toSorted()), listOf(is.machine.hostKeys.toSorted())],
    ['hostname', was.hostname, is.hostname],
  ] as const;
  const problems = same
    .filter(([, before, after]) => before === '' || before !== after)
    .map(
      ([subject, before, after]): Problem => ({
        subject,
        message: `expected ${before || 'one'} as at the first boot, found ${after || 'none'}`,
      }),
    );
  const bootId = is.machine.bootId;
  if (bootId === '' || bootId === was.machine.bootId) {
    problems.push({ subject: 'boot id', message: `expected a new one, found ${bootId || 'none'}` });
  }
  return { examined: same.length + 1, problems };
}
