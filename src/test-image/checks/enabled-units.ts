import type { BootedUnit, BootReport } from '../../boot/types.js';
import { unitOf } from '../../boot/unit-of.js';
import { readYaml } from '../../catalog/read-yaml.js';
import type { DistributionUnits } from '../../lint/distribution-units.js';
import { loadUnits } from '../../lint/load-units.js';
import type { Plan } from '../../plan/types.js';
import type { BootCheck, BootContext, CheckOutcome, Problem } from '../types.js';

export const enabledUnits: BootCheck = {
  name: 'enabled-units',
  title: 'Units of every node ran; masked ones did not',
  run: checkEnabledUnits,
};

const ROLE_READER = 'kube-role.service';
const CLOUD_INIT_TARGET = 'cloud-init.target';
/** Conditions on files are the image's own doing; others ask about the kernel or the machine. */
const ABOUT_FILES = /^(Condition|Assert)(Path|File|Directory)/;
const UNNAMED = 'none of its conditions was met';

/**
 * Units no role gates: kiln's own ran, those of the distribution ran or were held back by what the machine is (never by a
 * file). Masked units never ran. What role gates hold back is the business of `role-units`.
 */
function checkEnabledUnits(context: BootContext): CheckOutcome {
  const { plan } = context;
  const gated = new Set(plan.roles.flatMap((role) => role.units));
  const own = loadUnits(plan.files).units;
  const notes: string[] = [];
  const ofEveryNode = plan.enabledUnits.filter((name) => !gated.has(name));
  const problems = ofEveryNode.flatMap((name): Problem[] => {
    const unit = stateOf(name, context);
    if (isExcused(name, unit, context)) return [];
    if (own.get(name)?.file === undefined && isHeldBackByMachine(unit)) {
      notes.push(`${name} was skipped: ${unit.reason}`);
      return [];
    }
    const message = problemOf(unit, context);
    return message === undefined ? [] : [{ subject: name, message }];
  });
  const masked = maskedProblems(plan, context);
  return {
    examined: ofEveryNode.length + plan.maskedUnits.length,
    problems: [...problems, ...masked],
    notes,
  };
}

/** What became of it; one started before the journal was there is known to systemd alone. */
function stateOf(name: string, { boot, facts }: BootContext): BootedUnit {
  const unit = unitOf(boot, name);
  const active = facts?.units.find((candidate) => candidate.name === name)?.active === 'active';
  return unit.state === 'not-started' && active ? { ...unit, state: 'running' } : unit;
}

/** A refused marker is for `refused-markers` to judge; without a seed cloud-init may stand aside. */
function isExcused(name: string, { state }: BootedUnit, { cell }: BootContext): boolean {
  if (name === ROLE_READER && cell.refusedWith !== undefined) return true;
  return cell.seed === 'none' && isOfCloudInit(name) && ['skipped', 'not-started'].includes(state);
}

function isOfCloudInit(name: string): boolean {
  const { units } = readYaml('distribution-units.yaml') as DistributionUnits;
  return units.some((unit) => unit.name === name && unit.wantedBy?.includes(CLOUD_INIT_TARGET));
}

function isHeldBackByMachine({ state, reason }: BootedUnit): boolean {
  return state === 'skipped' && (reason === UNNAMED || !ABOUT_FILES.test(reason));
}

function problemOf({ name, state, reason }: BootedUnit, { facts }: BootContext): string | undefined {
  if (state !== 'ran' && state !== 'running') {
    return `expected it to run on every node, found: ${state}${reason === '' ? '' : ` (${reason})`}`;
  }
  const unit = facts?.units.find((candidate) => candidate.name === name);
  if (unit === undefined || state === 'ran' || unit.active === 'active') return undefined;
  return `expected it to be up once the machine had come to rest, found it ${unit.active} (${unit.sub}, ${unit.result})`;
}

const NEVER_RAN = ['not-started', 'skipped'];

function maskedProblems({ maskedUnits }: Plan, { boot, facts }: BootContext): Problem[] {
  return maskedUnits.flatMap((name): Problem[] => {
    const { state, at } = unitOf(boot, name);
    if (!NEVER_RAN.includes(state) && at > initrdEnd(boot)) {
      return [{ subject: name, message: `expected it masked and never started, found: ${state}` }];
    }
    const load = facts?.units.find((unit) => unit.name === name)?.load ?? 'masked';
    if (load === 'masked') return [];
    return [{ subject: name, message: `expected it masked, found systemd has it as ${load}` }];
  });
}

/** Seconds from the kernel's start to the end of the initrd, whose own systemd knows nothing of the image's masks. */
function initrdEnd({ seconds: { kernel = 0, initrd } }: BootReport): number {
  return initrd === undefined ? 0 : kernel + initrd;
}
