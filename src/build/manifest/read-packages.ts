import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { KilnError } from '../../errors.js';
import { compareText } from '../../plan/canonical-json.js';

/** One distribution package as its own package manager names it; `version` with the epoch. */
export interface InstalledPackage {
  name: string;
  version: string;
  architecture: string;
  /** The source package's name, where it is another. */
  source?: string;
}

/**
 * The packages installed in a tree, from dpkg's own record, sorted. (An RPM database is binary: there the list comes from
 * inside the machine, see `parsePackageTable`.)
 *
 * @throws KilnError IMAGE_INVALID when the tree has no such record.
 */
export async function readPackages(tree: string): Promise<InstalledPackage[]> {
  const status = await readFile(path.join(tree, 'var', 'lib', 'dpkg', 'status'), 'utf8').catch(
    (cause: unknown) => {
      throw new KilnError(
        'IMAGE_INVALID',
        'The image has no record of installed packages (/var/lib/dpkg/status)',
        { cause },
      );
    },
  );
  return parseDpkgStatus(status);
}

/** Reads dpkg's status file: stanzas of `Name: value`, those fully installed only. */
export function parseDpkgStatus(status: string): InstalledPackage[] {
  return status
    .split('\n\n')
    .map(parseStanza)
    .filter((fields) => fields.get('Status')?.endsWith(' installed') ?? false)
    .map(toPackage)
    .sort(comparePackages);
}

/** Reads `name<TAB>version<TAB>architecture` lines, as the machine being baked writes them. */
export function parsePackageTable(table: string): InstalledPackage[] {
  return table
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', version = '', architecture = ''] = line.split('\t');
      return { name, version, architecture };
    })
    .sort(comparePackages);
}

function parseStanza(stanza: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of stanza.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith(' ')) fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return fields;
}

function toPackage(fields: Map<string, string>): InstalledPackage {
  // "Source: name (version)" where the versions differ.
  const source = fields.get('Source')?.split(' ')[0];
  return {
    name: fields.get('Package') ?? '',
    version: fields.get('Version') ?? '',
    architecture: fields.get('Architecture') ?? '',
    ...(source === undefined ? {} : { source }),
  };
}

function comparePackages(left: InstalledPackage, right: InstalledPackage): number {
  return compareText(left.name, right.name) || compareText(left.architecture, right.architecture);
}
