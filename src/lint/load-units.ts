import path from 'node:path';
import type { PlannedFile } from '../plan/types.js';
import { parseUnit, type UnitEntry, type UnitSyntaxProblem } from './parse-unit.js';

/** A unit as systemd sees it: its file, then its drop-ins in the order of their names. */
export interface LoadedUnit {
  name: string;
  /** Path of the unit file; absent where only drop-ins are planned and the file comes with a package. */
  file: string | undefined;
  dropins: string[];
  entries: UnitEntry[];
  syntax: UnitSyntaxProblem[];
}

export interface UnitSet {
  units: Map<string, LoadedUnit>;
  masked: Set<string>;
  /** `<target>` → units a planned `.wants/` or `.requires/` link pulls in. */
  pulledIn: Map<string, Set<string>>;
}

/** Highest precedence first: a unit file or a drop-in of the same name in an earlier folder hides the later one. */
const FOLDERS = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];
const UNIT_NAME = /\.(service|socket|target|timer|path|mount|automount|swap|slice)$/;

/** Keys whose values add up over assignments; an empty one clears those before it. */
const CONDITION = /^(Condition|Assert)/;

/** Merges the planned unit files and drop-ins as systemd.unit(5) says. */
export function loadUnits(files: readonly PlannedFile[]): UnitSet {
  const set: UnitSet = { units: new Map(), masked: new Set(), pulledIn: new Map() };
  const dropins = new Map<string, Map<string, PlannedFile>>();
  for (const file of byPrecedence(files)) {
    const place = placeOf(file.path);
    if (place === undefined) continue;
    if (place.folder === undefined) addUnit(set, place.name, file);
    else if (place.folder.endsWith('.d')) addDropin(dropins, place.folder.slice(0, -2), place.name, file);
    else addLink(set.pulledIn, place.folder.replace(/\.(wants|requires)$/, ''), place.name);
  }
  for (const [unit, byName] of dropins) applyDropins(set, unit, byName);
  return set;
}

/** Every value of a list key in force, an empty assignment clearing the ones before it. */
export function valuesOf(unit: LoadedUnit, section: string, key: string): UnitEntry[] {
  let values: UnitEntry[] = [];
  for (const entry of unit.entries) {
    if (entry.section !== section || entry.key !== key) continue;
    values = entry.value === '' ? [] : [...values, entry];
  }
  return values;
}

/** The unit names in a list of units, e.g. every name after `After=`. */
export function namesOf(unit: LoadedUnit, section: string, key: string): string[] {
  return valuesOf(unit, section, key).flatMap(({ value }) => value.split(/\s+/));
}

/** The last assignment of a key that holds one value. */
export function lastValueOf(unit: LoadedUnit, section: string, key: string): string | undefined {
  return unit.entries.findLast((entry) => entry.section === section && entry.key === key)?.value;
}

/** Conditions in force: one shared list, which an empty assignment of any condition clears. */
export function conditionsOf(unit: LoadedUnit): UnitEntry[] {
  let conditions: UnitEntry[] = [];
  for (const entry of unit.entries) {
    if (entry.section !== 'Unit' || !CONDITION.test(entry.key)) continue;
    conditions = entry.value === '' ? [] : [...conditions, entry];
  }
  return conditions;
}

function byPrecedence(files: readonly PlannedFile[]): PlannedFile[] {
  return FOLDERS.flatMap((folder) => files.filter((file) => file.path.startsWith(`${folder}/`)));
}

/** `folder` is `x.service.d`, `x.target.wants` or `x.target.requires`, absent for a unit file itself. */
function placeOf(file: string): { name: string; folder: string | undefined } | undefined {
  const folder = FOLDERS.find((candidate) => file.startsWith(`${candidate}/`));
  if (folder === undefined) return undefined;
  const parts = file.slice(folder.length + 1).split('/');
  const name = parts.at(-1) ?? '';
  if (parts.length === 1) return UNIT_NAME.test(name) ? { name, folder: undefined } : undefined;
  if (parts.length > 2 || !/\.(d|wants|requires)$/.test(parts[0] ?? '')) return undefined;
  return { name, folder: parts[0] };
}

function addUnit(set: UnitSet, name: string, file: PlannedFile): void {
  if (set.units.has(name) || set.masked.has(name)) return;
  if (file.type === 'link' && file.target === '/dev/null') set.masked.add(name);
  if (file.type !== 'file' || !('content' in file)) return;
  const { entries, problems } = parseUnit(file.content, file.path);
  set.units.set(name, { name, file: file.path, dropins: [], entries, syntax: problems });
}

function addDropin(
  dropins: Map<string, Map<string, PlannedFile>>,
  unit: string,
  name: string,
  file: PlannedFile,
): void {
  const known = dropins.get(unit) ?? new Map<string, PlannedFile>();
  if (name.endsWith('.conf') && !known.has(name)) known.set(name, file);
  dropins.set(unit, known);
}

function addLink(pulledIn: Map<string, Set<string>>, target: string, unit: string): void {
  pulledIn.set(target, (pulledIn.get(target) ?? new Set()).add(unit));
}

function applyDropins(set: UnitSet, name: string, byName: Map<string, PlannedFile>): void {
  const unit = set.units.get(name) ?? { name, file: undefined, dropins: [], entries: [], syntax: [] };
  for (const key of [...byName.keys()].sort()) {
    const file = byName.get(key);
    if (file?.type !== 'file' || !('content' in file)) continue;
    const { entries, problems } = parseUnit(file.content, file.path);
    unit.dropins.push(file.path);
    unit.entries.push(...entries);
    unit.syntax.push(...problems);
  }
  set.units.set(name, unit);
}

/** A path's folder and name, for messages that name a line. */
export function placeText({ file, line }: { file: string; line: number }): string {
  return `${path.posix.basename(path.posix.dirname(file))}/${path.posix.basename(file)}:${line}`;
}
