import type { BootedUnit, BootReport } from '../../../src/boot/types.js';
import type { Plan } from '../../../src/plan/types.js';
import type { BootCell } from '../../../src/test-image/types.js';

const IDENTITY = 'ConditionPathExists=/run/kubernetes/identity';
const ONESHOTS = [
  'kube-images.service',
  'kube-role.service',
  'kube-identity.service',
  'kiln-host-keys.service',
];

export function bootOf(plan: Plan, cell: BootCell): BootReport {
  const gated = plan.roles.flatMap((role) => role.units);
  const every = plan.enabledUnits.filter((name) => !gated.includes(name));
  const refused = cell.refusedWith === undefined ? [] : ['kube-role.service'];
  const units = [
    ...every.map((name) => bootedUnit(name, ONESHOTS.includes(name) ? 'ran' : 'running', '')),
    ...[...new Set(gated)].map((name) => roleUnit(name, plan, cell)),
  ].map((unit) =>
    refused.includes(unit.name) ? { ...unit, state: 'failed' as const, reason: 'result exit-code' } : unit,
  );
  return {
    accelerator: 'tcg',
    reached: true,
    poweredOff: true,
    units,
    failedUnits: refused,
    failureLogs: Object.fromEntries(refused.map((name) => [name, [`kiln: FAILED: ${cell.refusedWith}`]])),
    restartedUnits: [],
    orderingCycles: [],
    unknownDirectives: [],
    unfinishedJobs: [],
    seconds: { kernel: 2, initrd: 3, userspace: 20, cloudInit: { init: 2 }, toLogin: 30 },
    cloudInit: { datasource: 'DataSourceNoCloud [seed=/dev/vdb]', errors: [], warnings: [] },
    markers: structuredClone(cell.markers),
    consoleTail: ['node1 login: '],
  };
}

/** As systemd 252 words it: the last condition of the unit that is not met, unnamed where one of several would do. */
function roleUnit(name: string, plan: Plan, cell: BootCell): BootedUnit {
  const owners = plan.roles.filter((role) => role.units.includes(name));
  const wanted = cell.refusedWith === undefined && owners.some((role) => cell.roles.includes(role.name));
  if (name === 'keepalived.service') {
    return bootedUnit(name, 'skipped', 'ConditionFileNotEmpty=/etc/kubernetes/keepalived.conf');
  }
  if (!wanted) {
    const marker = owners[0]?.marker ?? '';
    const missing = owners.length === 1 && !(marker in cell.markers) ? marker : '/run/kubernetes/node.env';
    const unnamed = owners.length > 1 && cell.roles.length > 0;
    return bootedUnit(
      name,
      'skipped',
      unnamed ? 'none of its conditions was met' : `ConditionPathExists=${missing}`,
    );
  }
  const identity = plan.files.some(({ path }) => path.endsWith(`/${name}.d/05-identity.conf`));
  if (identity) return bootedUnit(name, 'skipped', IDENTITY);
  return bootedUnit(name, ONESHOTS.includes(name) ? 'ran' : 'running', '');
}

export function bootedUnit(name: string, state: BootedUnit['state'], reason: string): BootedUnit {
  return { name, state, reason, at: 10, restarts: 0 };
}
