import type { GuestFacts } from '../../boot/probe/guest-facts.js';
import type { BootReport, BootSeconds } from '../../boot/types.js';
import type { Plan } from '../../plan/types.js';
import type { BootAccount, BootCell } from '../types.js';

const STAGES = ['kernel', 'initrd', 'userspace'] as const;

/**
 * Where the seconds of one boot went, by the guest's own clocks: systemd's and the kernel's from the journal, cloud-init's
 * from its status, those of units from systemd as the probe read them. What was not measured is left out, so without a
 * probe there are no units; neither are there units whose conditions were not met.
 */
export function accountBoot({
  boot,
  facts,
  plan,
  cell,
}: {
  boot: Pick<BootReport, 'seconds'>;
  facts: Pick<GuestFacts, 'units'> | undefined;
  plan: Pick<Plan, 'roles'>;
  cell: Pick<BootCell, 'roles'>;
}): BootAccount {
  return {
    stages: stagesOf(boot.seconds),
    cloudInit: Object.entries(boot.seconds.cloudInit).map(([name, seconds]) => ({ name, seconds })),
    units: unitsOf(facts, roleUnits(plan, cell)),
  };
}

function stagesOf(seconds: BootSeconds): BootAccount['stages'] {
  return STAGES.flatMap((name) => {
    const value = seconds[name];
    return value === undefined ? [] : [{ name, seconds: value }];
  });
}

function roleUnits(plan: Pick<Plan, 'roles'>, cell: Pick<BootCell, 'roles'>): Set<string> {
  return new Set(plan.roles.filter(({ name }) => cell.roles.includes(name)).flatMap(({ units }) => units));
}

/** In the order they became active. */
function unitsOf(
  facts: Pick<GuestFacts, 'units'> | undefined,
  wanted: ReadonlySet<string>,
): BootAccount['units'] {
  const units = (facts?.units ?? []).flatMap(({ name, started, activated }) => {
    if (!wanted.has(name) || started === undefined || activated === undefined) return [];
    return [{ name, started, active: activated }];
  });
  return units.sort((left, right) => left.active - right.active);
}
