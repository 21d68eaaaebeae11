import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { CloudInitReport } from './types.js';

/** A stage of `status.json`; times are seconds since 1970, `null` for a stage that did not run. */
interface Stage {
  start: number | null;
  finished: number | null;
  errors?: string[];
}

const STAGES = ['init-local', 'init', 'modules-config', 'modules-final'];
const WARNING = /\[(WARNING|ERROR|CRITICAL)\]/;

/** What cloud-init left in `/var/lib/cloud/data` and its log, read from a copy of both under `root`. */
export async function readCloudInit(
  root: string,
): Promise<{ report: CloudInitReport; seconds: Record<string, number> }> {
  const status = await readFile(path.join(root, 'var/lib/cloud/data/status.json'), 'utf8').catch(() => '{}');
  const log = await readFile(path.join(root, 'var/log/cloud-init.log'), 'utf8').catch(() => '');
  return parseCloudInit(status, log);
}

/** The same from the two texts. */
export function parseCloudInit(
  status: string,
  log: string,
): { report: CloudInitReport; seconds: Record<string, number> } {
  const { v1 = {} } = JSON.parse(status) as { v1?: Record<string, unknown> };
  const seconds: Record<string, number> = {};
  const errors: string[] = [];
  for (const name of STAGES) {
    const stage = v1[name] as Stage | undefined;
    errors.push(...(stage?.errors ?? []));
    if (typeof stage?.start !== 'number' || typeof stage.finished !== 'number') continue;
    seconds[name] = Math.round((stage.finished - stage.start) * 1000) / 1000;
  }
  const datasource = typeof v1.datasource === 'string' ? v1.datasource : undefined;
  const warnings = log.split('\n').filter((line) => WARNING.test(line));
  return { report: { datasource, errors, warnings }, seconds };
}
