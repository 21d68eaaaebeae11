import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { ClusterStatus } from '../../src/launch/read-status.js';
import type { SmokeReport } from '../../src/launch/smoke/types.js';
import type { LocalRig } from '../../src/launch/types.js';
import { bakeFromDebian } from '../helpers/baked-image.js';
import { createTestCluster, type TestCluster } from './test-cluster.js';

/** Run by `scripts/test-cluster`, which says what to launch; a submission has no time for it. */
const {
  KILN_CLUSTER_RIG: RIG,
  KILN_CLUSTER_MASTERS: MASTERS = '3',
  KILN_CLUSTER_MINIONS: MINIONS = '2',
} = process.env;
const TITLE = 'masters and minions form a cluster that outlives a master and a power cut';
/** Seconds a change may take to show everywhere. */
const PATIENCE = 900;

if (RIG === undefined)
  test.skip(`${TITLE} (takes too long for a submission: scripts/test-cluster)`, (t) => t.fail());
else test.serial(`${TITLE}: ${MASTERS} + ${MINIONS}, ${RIG}`, (t) => formAndSurvive(t, RIG as LocalRig));

async function formAndSurvive(t: ExecutionContext, rig: LocalRig): Promise<void> {
  t.timeout(4 * 3_600_000);
  const masters = Number(MASTERS);
  const image = await bakeFromDebian(t, ['--os', 'debian12', '--engine', 'mkosi']);
  const cluster = await createTestCluster(t, { name: 'slow-many', image, rig });
  try {
    await cluster.launch('--role', 'master', '--count', MASTERS, '--wait');
    await cluster.launch('--role', 'minion', '--count', MINIONS, '--wait');
    t.is(await settled(async () => (await readyNodes(cluster)).length, Number(MINIONS)), Number(MINIONS));
    t.is(await settled(async () => (await endpoints(cluster)).length, masters), masters);
    await smoke(t, cluster);

    await cluster.kubectl('create', 'configmap', 'written-before', '--from-literal=key=value');
    if (masters >= 3) await loseOneMaster(t, cluster, masters);
    await cutThePower(t, cluster);

    await cluster.launch('--role', 'minion', '--count', '+1', '--wait');
    const more = Number(MINIONS) + 1;
    t.is(await settled(async () => (await readyNodes(cluster)).length, more), more);
    await smoke(t, cluster);
  } finally {
    t.deepEqual(await cluster.destroy(), []);
  }
}

/** One master loses its power and its etcd member with it: everything goes on, and it comes back as it was. */
async function loseOneMaster(t: ExecutionContext, cluster: TestCluster, masters: number): Promise<void> {
  await cluster.cutPower('master-1');
  t.is(await settled(() => writtenBefore(cluster), 'value'), 'value');
  await cluster.kubectl('create', 'configmap', 'written-meanwhile', '--from-literal=key=value');
  // The controller manager and the scheduler that led may have been on it: a pod shows that others took over.
  await smoke(t, cluster);
  await cluster.launch('--role', 'master', '--count', String(masters), '--wait');
  t.is(await settled(() => healthyMembers(cluster), masters), masters);
}

/** All machines lose their power at once, and start again from their disks. */
async function cutThePower(t: ExecutionContext, cluster: TestCluster): Promise<void> {
  const { nodes } = await status(cluster);
  for (const { name } of nodes) await cluster.cutPower(name);
  const count = (role: string): string => String(nodes.filter(({ roles }) => roles.includes(role)).length);
  await cluster.launch('--role', 'master', '--count', count('master'), '--wait');
  await cluster.launch('--role', 'minion', '--count', count('minion'), '--wait');
  const minions = Number(count('minion'));
  t.is(await settled(async () => (await readyNodes(cluster)).length, minions), minions);
  t.is(await writtenBefore(cluster), 'value');
  await smoke(t, cluster);
}

async function smoke(t: ExecutionContext, cluster: TestCluster): Promise<void> {
  const report = JSON.parse(await cluster.launch('smoke', '--json')) as SmokeReport;
  t.log(
    report.checks.map(
      ({ name, outcome, seconds, message }) => `${name}: ${outcome}, ${seconds} s: ${message}`,
    ),
  );
  t.is(report.outcome, 'passed');
}

async function status(cluster: TestCluster): Promise<ClusterStatus> {
  return JSON.parse(await cluster.launch('status', '--json')) as ClusterStatus;
}

/** Addresses of the API servers as the cluster itself knows them: the lease reconciler keeps those of all masters. */
async function endpoints(cluster: TestCluster): Promise<string[]> {
  const path = '{.subsets[*].addresses[*].ip}';
  return (await cluster.kubectl('get', 'endpoints', 'kubernetes', `--output=jsonpath=${path}`)).split(' ');
}

async function writtenBefore(cluster: TestCluster): Promise<string> {
  return await cluster.kubectl('get', 'configmap', 'written-before', '--output=jsonpath={.data.key}');
}

async function healthyMembers(cluster: TestCluster): Promise<number> {
  const { nodes } = await status(cluster);
  return nodes.filter(({ etcd }) => etcd === 'healthy').length;
}

async function readyNodes(cluster: TestCluster): Promise<string[]> {
  const lines = (await cluster.kubectl('get', 'nodes', '--no-headers')).split('\n');
  return lines.filter((line) => / Ready /.test(line));
}

/** Asks until the answer is `wanted` or patience ends; returns the last answer, for one assertion. */
async function settled<T extends string | number>(ask: () => Promise<T>, wanted: T): Promise<T> {
  const end = Date.now() + PATIENCE * 1000;
  for (;;) {
    const answer: T | undefined = await ask().catch((error: unknown) => {
      if (Date.now() > end) throw error;
      return undefined;
    });
    if (answer === wanted || (answer !== undefined && Date.now() > end)) return answer;
    await sleep(3000);
  }
}
