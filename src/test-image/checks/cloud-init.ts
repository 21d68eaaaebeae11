import type { BootCheck, BootContext, CheckOutcome, Problem } from '../types.js';

export const cloudInit: BootCheck = {
  name: 'cloud-init',
  title: 'cloud-init took its config from the seed and has nothing to complain about',
  run: checkCloudInit,
};

/** A seed on a disk; one baked into the image would be under /var/lib/cloud/seed. */
const FROM_SEED_DISK = /^DataSourceNoCloud(Net)?\b.*\[seed=\/dev\/[^\]]+\]/;
const DONE = ['done', 'disabled'];

/** The journal's disk tells of every boot; the status is the probe's to tell. */
function checkCloudInit({ boot, facts, cell }: BootContext): CheckOutcome {
  const datasource = facts?.cloudInit.datasource || (boot.cloudInit.datasource ?? '');
  const problems: Problem[] = [];
  const wrongSource = sourceProblem(datasource, cell.seed !== 'none');
  if (wrongSource !== undefined) problems.push({ subject: 'datasource', message: wrongSource });
  for (const subject of ['errors', 'warnings'] as const) {
    const said = [...new Set([...boot.cloudInit[subject], ...(facts?.cloudInit[subject] ?? [])])];
    for (const line of said) problems.push({ subject, message: `expected none, found: ${line}` });
  }
  const status = facts?.cloudInit.status;
  if (status !== undefined && !isEnded(status, cell.seed !== 'none')) {
    problems.push({ subject: 'status', message: `expected done, found ${status}` });
  }
  const notes = status === undefined ? ['its status: no probe ran to ask for it'] : [];
  return { examined: status === undefined ? 3 : 4, problems, notes };
}

function sourceProblem(datasource: string, seed: boolean): string | undefined {
  if (seed) {
    if (FROM_SEED_DISK.test(datasource)) return undefined;
    return `expected DataSourceNoCloud from the seed's disk, found ${datasource || 'none'}`;
  }
  if (datasource === '' || datasource.startsWith('DataSourceNone')) return undefined;
  return `expected no data source on a machine without a seed, found ${datasource}`;
}

/** Only a machine without any data source may have cloud-init off, or never run. */
function isEnded(status: string, seed: boolean): boolean {
  return seed ? status === 'done' : [...DONE, 'not run'].includes(status);
}
