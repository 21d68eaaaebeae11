import type { Network } from '../../../src/catalog/network.js';
import type { Plan, PlannedFile } from '../../../src/plan/types.js';

export const UNITS = '/usr/lib/systemd/system';
export const HELPERS = '/usr/libexec/kiln';

/** A plan and what is looked for in it. */
export interface Image {
  plan: Plan;
  network: Network;
  files: ReadonlyMap<string, PlannedFile>;
}

/** Paths and texts of the network's own helpers in the plan: those only this network has. */
export function scriptsOf({ files, network }: Image): [string, string][] {
  const names: Readonly<Record<string, readonly string[]>> = {
    routed: ['kube-routes'],
    weave: ['weave', 'weave-in-container'],
  };
  return (names[network.name] ?? []).map((name) => {
    const file = files.get(`${HELPERS}/${name}`);
    return [`${HELPERS}/${name}`, file !== undefined && 'content' in file ? file.content : ''];
  });
}

export function isBinary(file: PlannedFile | undefined): boolean {
  return file !== undefined && 'artifact' in file && file.mode === '0755';
}

/** A file's text; empty where there is none. */
export function contentOf({ files }: Image, path: string): string {
  const file = files.get(path);
  return file !== undefined && 'content' in file ? file.content : '';
}
