import type { Plan } from '../plan/types.js';
import { roleProblems } from './role-problems.js';
import type { BootedUnit, BootReport } from './types.js';

/** The state of one unit; one the journal never mentions was not started. */
export function unitOf(report: BootReport, name: string): BootedUnit {
  const found = report.units.find((unit) => unit.name === name);
  return found ?? { name, state: 'not-started', reason: 'nothing asked for it', at: 0, restarts: 0 };
}

/** The report as text for people: one line for each unit the plan brings, then what was wrong, then the seconds. */
export function formatBootReport(report: BootReport, plan: Pick<Plan, 'roles' | 'enabledUnits'>): string {
  const rows = plannedUnits(plan).map((name) => unitRow(unitOf(report, name), roleText(report, plan, name)));
  return [
    `markers      ${markerText(report)}`,
    `booted       ${bootedText(report)}`,
    `cloud-init   ${report.cloudInit.datasource ?? 'did not run'}`,
    `seconds      ${secondsText(report)}`,
    '',
    ...table([['UNIT', 'ROLE', 'STATE', 'AT', 'WHY'], ...rows]),
    '',
    ...problems(report, plan),
  ].join('\n');
}

/** Every unit a role names and every unit the image enables, sorted, each once. */
function plannedUnits(plan: Pick<Plan, 'roles' | 'enabledUnits'>): string[] {
  return [...new Set([...plan.roles.flatMap(({ units }) => units), ...plan.enabledUnits])].sort();
}

/** Whether a role of this node names the unit; `every` for units no role gates. */
function roleText(report: BootReport, plan: Pick<Plan, 'roles'>, name: string): string {
  const roles = plan.roles.filter(({ units }) => units.includes(name));
  if (roles.length === 0) return 'every';
  const here = roles.filter(({ marker }) => marker in report.markers);
  return here.length === 0 ? 'other' : here.map((role) => role.name).join(', ');
}

function unitRow(unit: BootedUnit, role: string): string[] {
  const restarts = unit.restarts === 0 ? '' : `restarted ${unit.restarts} times`;
  const why = [unit.reason, restarts].filter(Boolean).join(', ');
  return [unit.name, role, unit.state, unit.at === 0 ? '-' : `${unit.at.toFixed(1)} s`, why];
}

function markerText(report: BootReport): string {
  const names = Object.keys(report.markers).filter((path) => path.includes('/kubernetes-'));
  return names.length === 0 ? 'none' : names.join(', ');
}

function bootedText(report: BootReport): string {
  const how = report.accelerator === 'kvm' ? 'with KVM' : 'emulated (no usable KVM)';
  const reached = report.reached ? 'to the login prompt' : 'but never showed a login prompt';
  return `${how}, ${reached}${report.poweredOff ? '' : '; did not power off when asked'}`;
}

function secondsText({ seconds }: BootReport): string {
  const stages = { kernel: seconds.kernel, initrd: seconds.initrd, userspace: seconds.userspace };
  const cloudInit = Object.entries(seconds.cloudInit).map(
    ([stage, time]) => [`cloud-init ${stage}`, time] as const,
  );
  const known = [...Object.entries(stages), ...cloudInit, ['to the login prompt', seconds.toLogin] as const];
  return known
    .filter(([, time]) => time !== undefined)
    .map(([stage, time]) => `${stage} ${time?.toFixed(1)}`)
    .join(', ');
}

function table(rows: readonly string[][]): string[] {
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function logOf(report: BootReport, unit: string): string[] {
  return (report.failureLogs[unit] ?? []).map((line) => `  | ${line}`);
}

function problems(report: BootReport, plan: Pick<Plan, 'roles'>): string[] {
  const lists: [string, readonly string[]][] = [
    ['against the roles', roleProblems(report, plan)],
    ['failed units', report.failedUnits.map((name) => [name, ...logOf(report, name)].join('\n  '))],
    ['restarted units', report.restartedUnits],
    ['start jobs that never ended', report.unfinishedJobs],
    ['ordering cycles', report.orderingCycles],
    ['directives systemd did not know', report.unknownDirectives],
    ['cloud-init errors', report.cloudInit.errors],
    ['cloud-init warnings', report.cloudInit.warnings],
  ];
  return lists.flatMap(([title, items]) => [
    `${title}: ${items.length === 0 ? 'none' : items.length}`,
    ...items.map((item) => `  ${item}`),
  ]);
}
