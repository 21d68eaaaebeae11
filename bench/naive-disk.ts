import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Gate } from '../src/gate/gate.js';
import { runCommand } from '../src/gate/run-command.js';
import type { Plan } from '../src/plan/types.js';
import { withRawRoot } from './with-raw-root.js';

const UNITS = 'usr/lib/systemd/system';
/** What a set-up has that configures the node at the end of cloud-init: nothing of Kubernetes before that, and a plain restart. */
const AFTER_CLOUD_INIT = `[Unit]
After=cloud-final.service
`;
/** A unit ordered after cloud-final cannot be wanted by multi-user.target, which cloud-final waits for. */
const TARGET = 'cloud-init.target';
const RESTART_SECONDS = 5;

/**
 * Gives a raw disk, in place, the naive design: the role units, and what they wait for, begin only when cloud-init has
 * finished everything, and come back five seconds after a failure. Same programs, same settings. Needs root.
 */
export async function makeNaive(gate: Gate, disk: string, plan: Plan, folder: string): Promise<void> {
  const units = new Set([
    'kube-role.service',
    'kube-identity.service',
    ...plan.roles.flatMap((role) => role.units),
  ]);
  await withRawRoot(gate, disk, folder, async (tree) => {
    for (const unit of units) await makeUnitNaive(gate, tree, unit);
  });
}

async function makeUnitNaive(gate: Gate, tree: string, unit: string): Promise<void> {
  const dropins = path.join(tree, UNITS, `${unit}.d`);
  await runCommand(gate, { file: 'mkdir', args: ['-p', dropins], reason: 'change a copy of the image' });
  await writeFile(path.join(dropins, '99-naive.conf'), AFTER_CLOUD_INIT);
  await restartSlowly(path.join(tree, UNITS, unit));
  await wantLater(gate, tree, unit);
}

async function restartSlowly(file: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  await writeFile(file, text.replace(/^RestartSec=.*$/m, `RestartSec=${RESTART_SECONDS}`));
}

async function wantLater(gate: Gate, tree: string, unit: string): Promise<void> {
  const links = path.join(tree, 'etc/systemd/system');
  const wants = path.join(links, 'multi-user.target.wants');
  if (!(await readdir(wants)).includes(unit)) return;
  await rm(path.join(wants, unit));
  const later = path.join(links, `${TARGET}.wants`);
  const reason = 'change a copy of the image';
  await runCommand(gate, { file: 'mkdir', args: ['-p', later], reason });
  await runCommand(gate, {
    file: 'ln',
    args: ['-sf', `/${UNITS}/${unit}`, path.join(later, unit)],
    reason,
  });
}
