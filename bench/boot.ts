import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg } from 'node:os';
import path from 'node:path';
import { bootImage } from '../src/boot/boot-image.js';
import { probeRequest } from '../src/boot/probe/probe-request.js';
import { newestImage, openImage } from '../src/build/image-folder.js';
import { createGate } from '../src/gate/gate.js';
import { runCommand } from '../src/gate/run-command.js';
import type { Plan } from '../src/plan/types.js';
import { silentProgress } from '../src/progress.js';
import { repositoryPath } from '../src/repository.js';
import { accountBoot } from '../src/test-image/boot-time/account-boot.js';
import type { BootAccount } from '../src/test-image/types.js';
import { median } from './measure.js';
import { makePlain } from './plain-disk.js';

/**
 * Boots an image and the same image without kiln's boot-time work (plain-disk.ts says what that is), in turn on the same
 * machine, as a minion, and compares the time to "role units started". Needs root, QEMU and 4 GB below /var/tmp.
 *
 *   npm run bench:boot -- [IMAGE] [ROUNDS]
 */
const [image, rounds = '3'] = process.argv.slice(2);
const ROLE = 'minion';
const MARKER = `/etc/sysconfig/kubernetes-${ROLE}`;
const gate = createGate({});
const folder = await mkdtemp('/var/tmp/kiln-bench-boot-');
try {
  await run();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function run(): Promise<void> {
  const { disk, plan } =
    image === undefined ? await newestImage(repositoryPath('out')) : await openImage(image);
  const plain = path.join(folder, 'plain.raw');
  await runCommand(gate, { file: 'cp', args: ['--sparse=always', disk, plain], reason: 'copy the image' });
  await makePlain(gate, plain, plan, folder);
  const accounts: { plain: BootAccount[]; kiln: BootAccount[] } = { plain: [], kiln: [] };
  for (let round = 0; round < Number(rounds); round++) {
    accounts.plain.push(await boot('plain', plain, plan));
    accounts.kiln.push(await boot('kiln', disk, plan));
  }
  for (const name of [...stageNames(accounts.plain), 'role units started']) {
    const [before = [], after = []] = [accounts.plain, accounts.kiln].map((boots) =>
      boots.map((account) => secondsOf(account, name)),
    );
    // A round's two boots are neighbours: what else the machine does disturbs both alike, unlike boots far apart.
    const ratio = median(before.map((seconds, round) => seconds / (after[round] ?? Number.NaN)));
    process.stdout.write(
      `${name}: plain ${median(before).toFixed(1)} s, kiln ${median(after).toFixed(1)} s, ratio of a round ${ratio.toFixed(2)}\n`,
    );
  }
}

async function boot(name: string, disk: string, plan: Plan): Promise<BootAccount> {
  const userData = `#cloud-config\nwrite_files:\n- {path: ${MARKER}, content: "CLUSTER_NAME=bench\\n"}\n`;
  const [result] = await bootImage({
    gate,
    disk,
    seed: { userData, metaData: 'instance-id: kiln-bench\nlocal-hostname: node1\n' },
    probe: probeRequest(plan, { thorough: false }),
    progress: silentProgress,
  });
  if (result === undefined) throw new Error('nothing was booted');
  const account = accountBoot({ boot: result.report, facts: result.facts, plan, cell: { roles: [ROLE] } });
  if (account.stages.length === 0 || account.units.length === 0) {
    throw new Error(`${name} did not come up in time; measure on a machine that does nothing else`);
  }
  const load = loadavg()[0]?.toFixed(1);
  process.stdout.write(`${name}: ${summary(account)}; load ${load}\n`);
  return account;
}

function summary(account: BootAccount): string {
  return [...account.stages.map(({ name }) => name), 'role units started']
    .map((name) => `${name} ${secondsOf(account, name).toFixed(1)} s`)
    .join(', ');
}

function stageNames(boots: readonly BootAccount[]): string[] {
  return boots[0]?.stages.map(({ name }) => name) ?? [];
}

/** From the kernel's start to the last role unit's being active, or one stage. */
function secondsOf(account: BootAccount, name: string): number {
  if (name !== 'role units started') {
    return account.stages.find((stage) => stage.name === name)?.seconds ?? Number.NaN;
  }
  return Math.max(...account.units.map(({ active }) => active));
}
