import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { renderTemplate } from '../../render/render-template.js';
import { repositoryPath } from '../../repository.js';
import type { PlanInput } from '../plan-input.js';
import { markersByUnit } from '../roles.js';
import type { PlannedFile } from '../types.js';
import { enabledUnits } from './unit-files.js';

const DROPIN_FOLDER = '/usr/lib/systemd/system';
/** `30-hardening.systemd-247.conf` is for systemd 247 and newer, and is installed as `30-hardening.conf`. */
const FOR_SYSTEMD = /\.systemd-(\d+)(?=\.conf$)/;

/** Drop-ins: the role gate of every unit a role names, and the literal ones of `dropins/`. */
export function gateFiles(input: PlanInput): PlannedFile[] {
  const gates = [...markersByUnit(input)].map(([unit, markers]) =>
    dropin(
      unit,
      '10-role.conf',
      renderTemplate('dropins/role-gate.conf.hbs', { unit, conditions: conditions(markers) }),
    ),
  );
  return [
    ...gates,
    ...enabledUnits(input).flatMap((unit) => literalDropins(unit, input)),
    ...waitOnlineDropin(input),
  ];
}

/** One interface that is up is enough: the default waits two minutes for every one. Sorts after netplan's own. */
function waitOnlineDropin({ os: { network } }: PlanInput): PlannedFile[] {
  if (network.waitOnline === undefined) return [];
  const { unit, command } = network.waitOnline;
  return [dropin(unit, '90-kiln.conf', `[Service]\nExecStart=\nExecStart=${command}\n`)];
}

/** `|` makes conditions alternatives; a single one stands plain, so that systemd names it when it is not met. */
function conditions(markers: readonly string[]): readonly string[] {
  return markers.length === 1 ? markers : markers.map((marker) => `|${marker}`);
}

function literalDropins(unit: string, input: PlanInput): PlannedFile[] {
  const folder = repositoryPath('dropins', `${catalogName(unit, input)}.d`);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => Number(FOR_SYSTEMD.exec(name)?.[1] ?? 0) <= input.os.facts.systemd)
    .map((name) => dropin(unit, name.replace(FOR_SYSTEMD, ''), readFileSync(`${folder}/${name}`, 'utf8')));
}

/** Folders of the distribution's units carry one name whatever the OS calls the unit. */
function catalogName(unit: string, { os }: PlanInput): string {
  if (unit === os.units.haproxy) return 'haproxy.service';
  if (unit === os.units.keepalived) return 'keepalived.service';
  if (unit === os.units.ssh) return 'ssh.service';
  return unit;
}

function dropin(unit: string, name: string, content: string): PlannedFile {
  const path = `${DROPIN_FOLDER}/${unit}.d/${name}`;
  return { path, from: 'dropins', type: 'file', mode: '0644', owner: 'root:root', content };
}
