import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { loadavg } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { DISK, MANIFEST, newestImage, openImage } from '../src/build/image-folder.js';
import { createGate } from '../src/gate/gate.js';
import { runCommand } from '../src/gate/run-command.js';
import { requireCluster } from '../src/launch/cluster-store.js';
import { localMachineProbe } from '../src/launch/machine-probe.js';
import { readStatus } from '../src/launch/read-status.js';
import { repositoryPath } from '../src/repository.js';
import { median } from './measure.js';
import { makeNaive } from './naive-disk.js';

/**
 * One machine becomes a cluster: power-on to "the API server is ready" and to "the node is Ready", of an image and of the same image with
 * the naive design (naive-disk.ts says what that is), in turn on the same machine. Needs root and what `launch` needs.
 *
 *   npm run bench:cluster -- [IMAGE] [ROUNDS] [RIG]
 */
const [image, rounds = '3', rig = 'qemu'] = process.argv.slice(2);
const NAME = 'bench';
const POLL_MILLISECONDS = 500;
const LIMIT_SECONDS = 1800;
const gate = createGate({});
const folder = await mkdtemp('/var/tmp/kiln-bench-cluster-');
process.env.XDG_STATE_HOME = path.join(folder, 'state');

interface Seconds {
  api: number;
  node: number;
}

try {
  await run();
} finally {
  await destroy();
  await rm(folder, { recursive: true, force: true });
}

async function run(): Promise<void> {
  const kiln = image === undefined ? await newestImage(repositoryPath('out')) : await openImage(image);
  const naive = await copyImage(kiln.folder);
  await makeNaive(gate, path.join(naive, DISK), kiln.plan, folder);
  const times: { naive: Seconds[]; kiln: Seconds[] } = { naive: [], kiln: [] };
  for (let round = 0; round < Number(rounds); round++) {
    times.naive.push(await form('naive', naive));
    times.kiln.push(await form('kiln', kiln.folder));
  }
  for (const [what, title] of [
    ['api', 'API server ready'],
    ['node', 'node Ready'],
  ] as const) {
    const before = times.naive.map((seconds) => seconds[what]);
    const after = times.kiln.map((seconds) => seconds[what]);
    // A round's two clusters are neighbours: what else the machine does disturbs both alike.
    const ratio = median(before.map((seconds, round) => seconds / (after[round] ?? Number.NaN)));
    process.stdout.write(
      `${title}: naive ${median(before).toFixed(0)} s, kiln ${median(after).toFixed(0)} s, ratio of a round ${ratio.toFixed(2)}\n`,
    );
  }
}

async function copyImage(source: string): Promise<string> {
  const target = path.join(folder, 'naive');
  await mkdir(target);
  for (const file of [MANIFEST, 'plan.json'])
    await copyFile(path.join(source, file), path.join(target, file));
  const args = ['--sparse=always', path.join(source, DISK), path.join(target, DISK)];
  await runCommand(gate, { file: 'cp', args, reason: 'copy the image' });
  return target;
}

/** Launches one node that is everything, waits until it is Ready, and takes it away again. */
async function form(name: string, source: string): Promise<Seconds> {
  await launch('--role', 'master,minion', '--count', '1', '--image', source, '--rig', rig, '--no-wait');
  const cluster = await requireCluster(NAME);
  const started = Date.parse(cluster.nodes[0]?.started ?? '');
  const probe = localMachineProbe(gate, cluster);
  const seconds = (): number => (Date.now() - started) / 1000;
  const times: Seconds = { api: Number.NaN, node: Number.NaN };
  while (Number.isNaN(times.node)) {
    if (seconds() > LIMIT_SECONDS) throw new Error(`${name} did not form a cluster in ${LIMIT_SECONDS} s`);
    const { api, nodes } = await readStatus({ cluster, probe, logIn: () => false });
    if (Number.isNaN(times.api) && api.state === 'ready') times.api = seconds();
    if (nodes[0]?.kubernetes.state === 'Ready') times.node = seconds();
    else await sleep(POLL_MILLISECONDS);
  }
  const load = loadavg()[0]?.toFixed(1);
  process.stdout.write(
    `${name}: API server ready ${times.api.toFixed(0)} s, node Ready ${times.node.toFixed(0)} s; load ${load}\n`,
  );
  await destroy();
  return times;
}

async function destroy(): Promise<void> {
  await launch('destroy', '--yes');
}

async function launch(...args: string[]): Promise<void> {
  await execa(repositoryPath('bin', 'launch'), [...args, '--cluster', NAME], { stdin: 'ignore' });
}
