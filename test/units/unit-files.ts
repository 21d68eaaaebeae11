import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { repositoryPath } from '../../src/repository.js';

/** One unit or drop-in of the repository. */
export interface UnitFile {
  /** Path in the repository, e.g. `dropins/etcd.service.d/05-identity.conf`. */
  path: string;
  /** The unit it is or changes. */
  unit: string;
  content: string;
  /** The oldest systemd it is installed on. */
  minSystemd: number;
}

export interface Setting {
  section: string;
  name: string;
  value: string;
}

const OLDEST_SYSTEMD = 219;

/** Every unit of `units/` and every literal drop-in of `dropins/`. */
export function allUnitFiles(): UnitFile[] {
  const units = readdirSync(repositoryPath('units')).map((unit) => unitFile(`units/${unit}`, unit));
  const folders = readdirSync(repositoryPath('dropins')).filter((name) => name.endsWith('.d'));
  const dropins = folders.flatMap((folder) =>
    readdirSync(repositoryPath('dropins', folder)).map((name) =>
      unitFile(`dropins/${folder}/${name}`, folder.replace(/\.d$/, '')),
    ),
  );
  return [...units, ...dropins];
}

function unitFile(path: string, unit: string): UnitFile {
  const minSystemd = Number(/\.systemd-(\d+)\.conf$/.exec(path)?.[1] ?? OLDEST_SYSTEMD);
  return { path, unit, content: readFileSync(repositoryPath(path), 'utf8'), minSystemd };
}

/** The settings of a unit file in order, continued lines joined. */
export function settings(content: string): Setting[] {
  let section = '';
  const found: Setting[] = [];
  for (const line of content.replaceAll('\\\n', ' ').split('\n')) {
    const header = /^\[(\w+)\]$/.exec(line);
    const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (header?.[1] !== undefined) section = header[1];
    else if (name !== undefined && value !== undefined) found.push({ section, name, value: value.trim() });
    else if (line.trim() !== '' && !line.startsWith('#')) throw new Error(`Not a unit file's line: ${line}`);
  }
  return found;
}

/** unit → roles that name it; `@network` stands for every network's own unit. */
export function rolesByUnit(): Map<string, string[]> {
  const { roles } = readCatalog('roles.yaml') as { roles: Record<string, { units: string[] }> };
  const found = new Map<string, string[]>();
  for (const [role, { units }] of Object.entries(roles)) {
    for (const unit of units.flatMap((name) => (name === '@network' ? networkUnits() : [name]))) {
      found.set(unit, [...(found.get(unit) ?? []), role]);
    }
  }
  return found;
}

function networkUnits(): string[] {
  return readdirSync(repositoryPath('catalog/networks')).flatMap((file) => {
    const { unit } = readCatalog(`networks/${file}`) as { unit?: string };
    return unit === undefined ? [] : [unit];
  });
}

export function readCatalog(file: string): unknown {
  return load(readFileSync(repositoryPath('catalog', file), 'utf8'));
}

export function repositoryHas(path: string): boolean {
  return existsSync(repositoryPath(path));
}
