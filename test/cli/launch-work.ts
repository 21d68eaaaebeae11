import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Action } from '../../src/gate/gate.js';
import type { Cluster } from '../../src/launch/types.js';
import { imageWithoutContent } from '../helpers/launch.js';

export interface DryRun {
  actions: Action[];
  cluster: Cluster;
  nodes: string[];
  added: string[];
  userData: Record<string, string>;
}

/** Where this file's commands run; beside it an image that boots nothing. */
export const work = mkdtempSync(path.join(tmpdir(), 'kiln-launch-'));
export const image = imageWithoutContent(path.join(work, 'out', 'debian12'));
export const here = { cwd: work, env: { XDG_STATE_HOME: path.join(work, 'state') } };

/** A state folder of its own, with this cluster in it. */
export function stateWith(cluster: Cluster): string {
  const own = mkdtempSync(path.join(work, 'state-'));
  const folder = path.join(own, 'kiln', 'clusters', cluster.name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'cluster.json'), JSON.stringify(cluster));
  return own;
}
