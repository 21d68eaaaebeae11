import { existsSync, readFileSync } from 'node:fs';
import { repositoryPath } from '../../repository.js';
import { compareText } from '../canonical-json.js';
import type { PlanInput } from '../plan-input.js';
import { roles } from '../roles.js';
import type { PlannedFile } from '../types.js';

/** Vendor units live below /usr/lib; /etc stays free for whoever runs the node, who can override any of them there. */
const UNIT_FOLDER = '/usr/lib/systemd/system';
const ENABLED_FOLDER = '/etc/systemd/system';
const TARGET = 'multi-user.target.wants';
/** Sorts before every distribution's own: the first match decides. */
const PRESET_FILE = '/usr/lib/systemd/system-preset/00-kiln.preset';

/** kiln's unit files, and the links that enable and mask: what `systemctl enable` and `mask` would make. */
export function unitFiles(input: PlanInput): PlannedFile[] {
  return [
    ...ownUnits(input).map(unitFile),
    ...enabledUnits(input).filter(isWantedByMultiUser(input)).map(enableLink),
    ...input.os.maskedUnits.toSorted(compareText).map(maskLink),
    presetFile(enabledUnits(input)),
  ];
}

/** Units enabled in the image, sorted: kiln's and those of the distribution. */
export function enabledUnits(input: PlanInput): string[] {
  const { units, enabledUnits: ofDistribution } = input.os;
  return [
    ...new Set([...gatedUnits(input), ...input.everyNode, ...ofDistribution, units.ssh, units.time]),
  ].sort(compareText);
}

/** Units some role names; each has a role gate. */
export function gatedUnits(input: PlanInput): string[] {
  return [...new Set(roles(input).flatMap((role) => role.units))].sort(compareText);
}

/** Units of which kiln ships the file; haproxy's and keepalived's come with their packages. */
export function ownUnits(input: PlanInput): string[] {
  return [...gatedUnits(input), ...input.everyNode]
    .flatMap(withStarted)
    .filter((unit) => existsSync(repositoryPath('units', unit)));
}

/** A timer brings the service it starts, which is not enabled itself. */
function withStarted(unit: string): string[] {
  return unit.endsWith('.timer') ? [unit, unit.replace(/timer$/, 'service')] : [unit];
}

function unitFile(unit: string): PlannedFile {
  const content = readFileSync(repositoryPath('units', unit), 'utf8');
  return {
    path: `${UNIT_FOLDER}/${unit}`,
    from: 'units',
    type: 'file',
    mode: '0644',
    owner: 'root:root',
    content,
  };
}

/** The distribution's own units are enabled by their packages' links, which know their targets and aliases. */
function isWantedByMultiUser(input: PlanInput): (unit: string) => boolean {
  const wanted = new Set([...gatedUnits(input), ...input.everyNode]);
  return (unit) => wanted.has(unit);
}

function enableLink(unit: string): PlannedFile {
  return {
    path: `${ENABLED_FOLDER}/${TARGET}/${unit}`,
    from: 'enabled units',
    type: 'link',
    target: `${UNIT_FOLDER}/${unit}`,
  };
}

/** The engines apply it while they build, so that a package's default decides nothing; nothing applies it at boot. */
function presetFile(units: readonly string[]): PlannedFile {
  const content = `# Made by kiln: the whole list of what this image enables.\n${units.map((unit) => `enable ${unit}\n`).join('')}disable *\n`;
  return {
    path: PRESET_FILE,
    from: 'enabled units',
    type: 'file',
    mode: '0644',
    owner: 'root:root',
    content,
  };
}

function maskLink(unit: string): PlannedFile {
  return { path: `${ENABLED_FOLDER}/${unit}`, from: 'masked units', type: 'link', target: '/dev/null' };
}
