import type { GuestFacts, GuestUnit } from '../../../src/boot/probe/guest-facts.js';
import type { BootedUnit } from '../../../src/boot/types.js';
import type { Plan } from '../../../src/plan/types.js';
import { runBootChecks } from '../../../src/test-image/checks/run-checks.js';
import type { BootCell, BootContext, CheckResult } from '../../../src/test-image/types.js';
import { planOf } from '../../helpers/plans.js';
import { bootOf } from './boot-of-plan.js';
import { factsOf } from './facts-of-plan.js';

/** A context with a probe in it, which is what most tests change. */
export type ProbedContext = BootContext & { facts: GuestFacts };

const IMAGE_BYTES = 3_500_000_000;

const plans = new Map<string, Plan>();

/** A node of these roles, booted right: what every check must pass. Fresh each time, free to be changed. */
export function goodContext({
  os = 'debian12',
  network = 'routed',
  roles = ['minion'],
  refusedWith = undefined as string | undefined,
  markers = undefined as Record<string, string> | undefined,
} = {}): ProbedContext {
  const key = `${os} ${network}`;
  const known = plans.get(key) ?? planOf(os, { network });
  plans.set(key, known);
  const plan = structuredClone(known);
  const cell = cellOf(plan, roles, refusedWith, markers);
  const boot = bootOf(plan, cell);
  return { plan, cell, rig: 'qemu', boot, facts: factsOf(plan, cell, boot), imageBytes: IMAGE_BYTES };
}

/** The same machine without a seed: no user data, no probe. */
export function seedlessContext(): BootContext {
  const { facts: _, ...context } = goodContext({ roles: [] });
  const cell: BootCell = { ...context.cell, name: 'no-seed', seed: 'none', userData: '' };
  const cloudInit = { datasource: undefined, errors: [], warnings: [] };
  return { ...context, cell, boot: { ...context.boot, cloudInit }, facts: undefined };
}

/** The second boot of the disk of a context. */
export function rebootedContext(options: Parameters<typeof goodContext>[0] = {}): ProbedContext {
  const first = goodContext(options);
  const second = structuredClone(first);
  second.facts.machine.bootId = 'b2b2b2b2-0000-4000-8000-000000000002';
  return { ...second, before: { boot: first.boot, facts: first.facts } };
}

/** What one check says. */
export function checked(context: BootContext, name: string): CheckResult {
  const result = runBootChecks(context).find(({ check }) => check === name);
  if (result === undefined) throw new Error(`There is no check ${name}`);
  return result;
}

/** What one check has to say against the context: `subject: message`. */
export function problemsOf(context: BootContext, name: string): string[] {
  return checked(context, name).problems.map(({ subject, message }) => `${subject}: ${message}`);
}

/** The unit of a context as systemd and as the journal have it, to be changed. */
export function unitsOf(context: ProbedContext, name: string): { now: GuestUnit; logged: BootedUnit } {
  const now = context.facts.units.find((unit) => unit.name === name);
  const logged = context.boot.units.find((unit) => unit.name === name);
  if (now === undefined || logged === undefined) throw new Error(`There is no unit ${name}`);
  return { now, logged };
}

/** The unit runs, whatever its gates say. */
export function startUnit(context: ProbedContext, name: string): void {
  const { now, logged } = unitsOf(context, name);
  Object.assign(now, { active: 'active', sub: 'running', conditions: true });
  Object.assign(logged, { state: 'running', reason: '' });
}

/** The unit failed, with these last words. */
export function failUnit(context: ProbedContext, name: string, words: string): void {
  const { now, logged } = unitsOf(context, name);
  Object.assign(now, { active: 'failed', sub: 'failed', result: 'exit-code' });
  Object.assign(logged, { state: 'failed', reason: 'result exit-code' });
  context.boot.failedUnits.push(name);
  context.boot.failureLogs[name] = [words];
  context.facts.systemState = 'degraded';
}

function cellOf(
  plan: Plan,
  roles: string[],
  refusedWith: string | undefined,
  markers: Record<string, string> | undefined,
): BootCell {
  const ofRoles = plan.roles.filter(({ name }) => roles.includes(name)).map(({ marker }) => marker);
  return {
    name: roles.join('-') || 'idle',
    title: 'a cell of the tests',
    seed: 'user-data',
    userData: '#cloud-config\n',
    markers: markers ?? Object.fromEntries(ofRoles.map((marker) => [marker, 'CLUSTER_NAME=test'])),
    roles,
    ...(refusedWith === undefined ? {} : { refusedWith }),
    reboot: false,
  };
}
