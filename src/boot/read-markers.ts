import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** The files of a copied `/etc/sysconfig` by their path on the node, with their content. */
export async function readMarkers(folder: string): Promise<Record<string, string>> {
  const markers: Record<string, string> = {};
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
    if (!entry.isFile()) continue;
    markers[`/etc/sysconfig/${entry.name}`] = await readFile(path.join(folder, entry.name), 'utf8');
  }
  return markers;
}
