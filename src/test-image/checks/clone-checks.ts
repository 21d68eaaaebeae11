import type { GuestFacts } from '../../boot/probe/guest-facts.js';
import type { CheckOutcome, CheckResult, Problem } from '../types.js';
import { resultOf } from './run-checks.js';

/** A machine made from the image. `mac`: the hardware address it was given, where the rig says. */
export interface Clone {
  cell: string;
  facts: GuestFacts;
  mac?: string;
}

interface Trait {
  name: string;
  title: string;
  valuesOf(facts: GuestFacts): string[];
  /** It is there on some systems only. */
  optional?: boolean;
}

const TRAITS: readonly Trait[] = [
  { name: 'clone-machine-id', title: 'Each clone has a machine-id of its own', valuesOf: machineIds },
  { name: 'clone-boot-id', title: 'Each clone has a boot id of its own', valuesOf: bootIds },
  { name: 'clone-host-keys', title: 'Each clone has ssh host keys of its own', valuesOf: hostKeys },
  {
    name: 'clone-random-seed',
    title: 'Each clone has a random seed of its own',
    valuesOf: seeds,
    optional: true,
  },
  {
    name: 'clone-mac',
    title: 'Each clone has the MAC it was given, and no other clone has it',
    valuesOf: macs,
  },
];

/** What must differ between machines made from one image. Give each machine once: a second boot is the same machine. */
export function compareClones(boots: readonly Clone[]): CheckResult[] {
  return TRAITS.map((trait) => resultOf(trait, compare(trait, boots)));
}

function compare(trait: Trait, boots: readonly Clone[]): CheckOutcome {
  if (boots.length < 2)
    return { skipped: `it takes two machines to compare, ${boots.length} told of itself` };
  const values = boots.map((clone) => ({ clone, values: [...new Set(trait.valuesOf(clone.facts))] }));
  const owners = new Map<string, string>();
  const problems: Problem[] = [];
  const notes: string[] = [];
  for (const { clone, values: own } of values) {
    if (own.length === 0) {
      if (trait.optional) notes.push(`${clone.cell}: systemd keeps none`);
      else problems.push({ subject: clone.cell, message: 'expected one, found none' });
    }
    if (trait.name === 'clone-mac') problems.push(...givenMac(clone, own));
    for (const value of own) {
      const owner = owners.get(value);
      if (owner === undefined) owners.set(value, clone.cell);
      else problems.push(sharedProblem(clone.cell, owner, value));
    }
  }
  const examined = values.filter(({ values: own }) => own.length > 0).length;
  // A single machine that has one has nobody to differ from.
  return { examined: examined > 1 ? examined : 0, problems, notes };
}

function sharedProblem(cell: string, owner: string, value: string): Problem {
  return {
    subject: cell,
    message: `expected its own, found ${value}, which the machine of ${owner} has too`,
    hint: 'it was baked into the image, or made from something both machines share',
  };
}

function givenMac({ cell, mac }: Clone, own: readonly string[]): Problem[] {
  if (mac === undefined || own.includes(mac.toLowerCase())) return [];
  return [
    {
      subject: cell,
      message: `expected an interface with the MAC ${mac}, found ${own.join(', ') || 'none'}`,
    },
  ];
}

function machineIds({ machine }: GuestFacts): string[] {
  return filled([machine.machineId]);
}

function bootIds({ machine }: GuestFacts): string[] {
  return filled([machine.bootId]);
}

function hostKeys({ machine }: GuestFacts): string[] {
  return filled(machine.hostKeys);
}

function seeds({ machine }: GuestFacts): string[] {
  return filled([machine.randomSeed]);
}

/** Tunnels that come with a module have no address of their own, or zeros. */
function macs({ machine }: GuestFacts): string[] {
  const addresses = Object.values(machine.macs).map((address) => address.toLowerCase());
  return addresses.filter(
    (address) => /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(address) && /[1-9a-f]/.test(address),
  );
}

function filled(values: readonly string[]): string[] {
  return values.filter((value) => value !== '');
}
