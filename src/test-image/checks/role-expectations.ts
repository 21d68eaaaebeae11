import { readYaml } from '../../catalog/read-yaml.js';
import type { DistributionUnits } from '../../lint/distribution-units.js';
import { conditionsOf, type LoadedUnit, loadUnits, type UnitSet } from '../../lint/load-units.js';
import type { UnitEntry } from '../../lint/parse-unit.js';
import type { Plan } from '../../plan/types.js';
import type { BootCell } from '../types.js';

/** A condition of a unit as systemd names it in the journal, e.g. `ConditionPathExists=/run/kubernetes/identity`. */
export interface ExpectedCondition {
  text: string;
  path: string;
  /** One of several of which a single one is enough. */
  trigger: boolean;
  met: boolean;
  /** The unit that makes the path while the machine runs, where one does. */
  madeBy: string | undefined;
}

export interface UnitExpectation {
  name: string;
  /** A role of the cell names it, so its role gate must let it pass. */
  wanted: boolean;
  markers: string[];
  conditions: ExpectedCondition[];
  /** Every condition is met in this cell. */
  met: boolean;
}

const IDENTITY_MAKER = 'kube-identity.service';
const ROLE_READER = 'kube-role.service';

/** What must become of every unit some role names. Gates are read from the planned unit files and drop-ins. */
export function roleExpectations(plan: Plan, cell: BootCell): UnitExpectation[] {
  const units = loadUnits(plan.files);
  const names = [...new Set(plan.roles.flatMap((role) => role.units))].sort();
  return names.map((name) => expectationOf(name, { plan, cell, units }));
}

/** Held back because a boot test gives no cluster identity. */
export function isIdentityGate({ madeBy }: ExpectedCondition): boolean {
  return madeBy === IDENTITY_MAKER;
}

function expectationOf(
  name: string,
  { plan, cell, units }: { plan: Plan; cell: BootCell; units: UnitSet },
): UnitExpectation {
  const roles = plan.roles.filter((role) => role.units.includes(name));
  const conditions = pathConditions(units.units.get(name)).map((entry) => judged(entry, plan, cell));
  const triggers = conditions.filter(({ trigger }) => trigger);
  return {
    name,
    wanted: cell.refusedWith === undefined && roles.some((role) => cell.roles.includes(role.name)),
    markers: roles.map(({ marker }) => marker),
    conditions,
    met:
      conditions.every(({ trigger, met }) => trigger || met) &&
      (triggers.length === 0 || triggers.some(({ met }) => met)),
  };
}

/** Conditions on files; the kernel's and the processor's hold wherever the image boots. */
function pathConditions(unit: LoadedUnit | undefined): UnitEntry[] {
  if (unit === undefined) return [];
  return conditionsOf(unit).filter(({ key }) => /^(Condition|Assert)(Path|File|Directory)/.test(key));
}

function judged({ key, value }: UnitEntry, plan: Plan, cell: BootCell): ExpectedCondition {
  const trigger = value.startsWith('|');
  const parameter = trigger ? value.slice(1) : value;
  const negated = parameter.startsWith('!');
  const path = negated ? parameter.slice(1) : parameter;
  const madeBy = runtimeMaker(path);
  const exists = isThere(path, madeBy, plan, cell);
  return { text: `${key}=${parameter}`, path, trigger, met: exists !== negated, madeBy };
}

function isThere(path: string, madeBy: string | undefined, plan: Plan, cell: BootCell): boolean {
  if (path in cell.markers) return true;
  if (madeBy === ROLE_READER) return cell.roles.length > 0 && cell.refusedWith === undefined;
  return plan.files.some((file) => file.path === path && file.type !== 'link');
}

function runtimeMaker(path: string): string | undefined {
  const { runtimePaths } = readYaml('distribution-units.yaml') as DistributionUnits;
  return runtimePaths.find((runtime) => runtime.path === path)?.madeBy;
}
