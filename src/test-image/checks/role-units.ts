import type { GuestUnit } from '../../boot/probe/guest-facts.js';
import type { BootedUnit } from '../../boot/types.js';
import { unitOf } from '../../boot/unit-of.js';
import type { BootCheck, BootContext, CheckOutcome, Problem } from '../types.js';
import { isIdentityGate, roleExpectations, type UnitExpectation } from './role-expectations.js';
import { listOf } from './with-facts.js';

export const roleUnits: BootCheck = {
  name: 'role-units',
  title: 'Units run, or are held back, as the role table says',
  run: checkRoleUnits,
};

/** What systemd says where it does not name the condition: before 250, and of conditions of which one is enough. */
const UNNAMED = 'none of its conditions was met';
const UP = ['ran', 'running'];

/**
 * Units of the cell's roles are up, or held back by a gate a boot test does not open (the cluster's identity); units of other
 * roles were tried and skipped by their own role gate. The journal says what happened, the probe what is so at the end.
 */
function checkRoleUnits({ plan, cell, boot, facts }: BootContext): CheckOutcome {
  const expectations = roleExpectations(plan, cell);
  const problems = expectations.flatMap((expected): Problem[] => {
    const message =
      journalProblem(expected, unitOf(boot, expected.name)) ??
      stateProblem(
        expected,
        facts?.units.find(({ name }) => name === expected.name),
      );
    return message === undefined ? [] : [{ subject: expected.name, message, ...mend(expected) }];
  });
  return { examined: expectations.length, problems };
}

function journalProblem(expected: UnitExpectation, { state, reason }: BootedUnit): string | undefined {
  const { wanted, met, markers } = expected;
  const whose = wanted ? 'its role' : 'another role';
  if (!expected.conditions.some(({ path }) => markers.includes(path))) {
    return `expected a condition on one of its markers (${listOf(markers)}) in the plan's drop-ins, found none`;
  }
  if (state === 'not-started') return `expected systemd to try it (it is enabled), found that it never did`;
  if (wanted && met) {
    return UP.includes(state)
      ? undefined
      : `expected it to run on a node of ${whose}, found: ${words(state, reason)}`;
  }
  if (state !== 'skipped') {
    const gate = wanted ? listOf(unmet(expected)) : `its role gate (${listOf(markers)})`;
    return `expected ${gate} to hold it back on a node of ${whose}, found: ${words(state, reason)}`;
  }
  return isRightGate(expected, reason)
    ? undefined
    : `expected it to be skipped by ${listOf(unmet(expected))}, found: ${words(state, reason)}`;
}

/**
 * systemd names the last plain condition that was not met, and the role gate sorts after the identity gate: an identity that
 * is missing on a node of another role means that the role gate is not in force. Of a unit several roles share, whose markers
 * are alternatives, it always names the identity: that its gate is in force is for `drop-ins` to see.
 */
function isRightGate(expected: UnitExpectation, reason: string): boolean {
  return reason === UNNAMED || unmet(expected).includes(reason);
}

function unmet({ conditions, wanted }: UnitExpectation): string[] {
  const namesIdentity = wanted || conditions.some(({ trigger }) => trigger);
  const failing = conditions.filter(
    (condition) => !condition.met && (namesIdentity || !isIdentityGate(condition)),
  );
  return failing.map(({ text }) => text);
}

function stateProblem({ wanted, met }: UnitExpectation, unit: GuestUnit | undefined): string | undefined {
  if (unit === undefined) return undefined;
  if (unit.load !== 'loaded') return `expected systemd to have loaded it, found it ${unit.load}`;
  if (wanted && met) {
    return unit.active === 'active'
      ? undefined
      : `expected it active once the machine had come to rest, found it ${unit.active} (${unit.sub}, ${unit.result})`;
  }
  if (unit.active !== 'inactive') return `expected it inactive, found it ${unit.active} (${unit.sub})`;
  return unit.conditions ? 'expected its conditions not to be met, found that they were' : undefined;
}

function mend({ wanted, met }: UnitExpectation): { hint?: string } {
  if (wanted && met) return {};
  return {
    hint: 'compare `systemctl cat` of the unit on the node with the plan: the gate is in 10-role.conf',
  };
}

function words(state: string, reason: string): string {
  return reason === '' ? state : `${state} (${reason})`;
}
