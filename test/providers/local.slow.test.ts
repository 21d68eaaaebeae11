import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { createGate } from '../../src/gate/gate.js';
import { silentProgress } from '../../src/progress.js';
import {
  destroyCluster,
  ensureNetwork,
  killNode,
  listLeftovers,
  nodeStatus,
  publishNodes,
  removeNode,
  stopNode,
} from '../../src/providers/local/local-provider.js';
import { aNode } from './local/a-cluster.js';
import { bringUp, bringUpNode } from './local/bring-up.js';
import { answer, getApi, inNode, resolve, serveInsteadOfTheApi } from './local/in-node.js';
import { cluster, destroy, folderOf, removeState } from './local/test-clusters.js';

/** Needs root, the tools of `launch`, an image of Debian 12 (baked first where it is missing) and user-mode Linux. */
const gate = createGate({});
const progress = silentProgress;
test.after.always(removeState);

test.serial('two clusters side by side do not meet, and one goes without a trace', async (t) => {
  const one = await cluster(t, 'uml');
  const other = await cluster(t, 'uml');
  await Promise.all([bringUp(folderOf(one), one), bringUp(folderOf(other), other)]);
  await Promise.all([answer(t, one, 'master-1'), answer(t, other, 'master-1')]);

  for (const [own, foreign] of [
    [one, other],
    [other, one],
  ] as const) {
    t.is(await inNode(own, 'master-1', 'hostname'), 'master-1');
    const known = ['masters', 'etcd', 'master-1'].map((name) => `${name}.${own.name}.k8s`);
    for (const name of known) t.regex(await resolve(own, name), /^10\.89\.0\.11\s/, name);
    t.is(await resolve(own, `masters.${foreign.name}.k8s`), '');
    t.is(await resolve(own, `minions.${own.name}.k8s`), '');
    t.regex(await inNode(own, 'master-1', 'grep', 'MHz', '/proc/cpuinfo'), /^cpu MHz\s*:\s*[0-9.]+$/);
  }
  const id = 'sudo cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub';
  t.not(await inNode(one, 'master-1', 'sh', '-c', id), await inNode(other, 'master-1', 'sh', '-c', id));

  t.deepEqual(await destroy(one), []);
  t.is(await inNode(other, 'master-1', 'hostname'), 'master-1');
  t.deepEqual(await destroy(other), []);
});

test.serial('a node keeps its address and its disk through a restart and a power cut', async (t) => {
  const one = await cluster(t, 'uml');
  const folder = folderOf(one);
  await bringUp(folder, one);
  await answer(t, one, 'master-1');
  await inNode(one, 'master-1', 'sudo', 'sh', '-c', 'echo kept > /var/lib/kept; sync');

  t.deepEqual(await stopNode({ gate, progress, folder, cluster: one, node: 'master-1' }), { forced: false });
  t.deepEqual(await nodeStatus({ folder, cluster: one, node: 'master-1' }), { state: 'stopped' });
  await bringUpNode(folder, one, 'master-1');
  await answer(t, one, 'master-1');
  t.regex(await inNode(one, 'master-1', 'ip', '-4', '-o', 'addr', 'show', 'eth0'), / 10\.89\.0\.11\/24 /);
  t.is(await inNode(one, 'master-1', 'cat', '/var/lib/kept'), 'kept');

  await killNode({ gate, folder, cluster: one, node: 'master-1' });
  t.deepEqual(await nodeStatus({ folder, cluster: one, node: 'master-1' }), { state: 'stopped' });
  await bringUpNode(folder, one, 'master-1');
  await answer(t, one, 'master-1');
  t.is(await inNode(one, 'master-1', 'cat', '/var/lib/kept'), 'kept');

  // What ends a machine from outside is no request.
  const status = await nodeStatus({ folder, cluster: one, node: 'master-1' });
  if (status.state !== 'running') throw new Error(`it is ${status.state}`);
  process.kill(status.pid, 'SIGKILL');
  await sleep(500);
  t.is((await nodeStatus({ folder, cluster: one, node: 'master-1' })).state, 'failed');
  t.deepEqual(await destroy(one), []);
});

test.serial('the API is reached from the host, and what serves the cluster is mended', async (t) => {
  const one = await cluster(t, 'uml');
  const folder = folderOf(one);
  await bringUp(folder, one);
  await answer(t, one, 'master-1');
  await serveInsteadOfTheApi(one, 'master-1');
  t.is(await getApi(one), 200);

  for (const name of readdirSync(path.join(folder, 'network')).filter((file) => file.endsWith('.pid'))) {
    process.kill(Number(readFileSync(path.join(folder, 'network', name), 'utf8')), 'SIGKILL');
  }
  await sleep(500);
  await ensureNetwork({ gate, progress, folder, cluster: one });
  t.is(await getApi(one), 200);
  t.regex(await resolve(one, `masters.${one.name}.k8s`), /^10\.89\.0\.11\s/);

  const grown = { ...one, nodes: [...one.nodes, aNode(2, 'minion-1', ['minion'])] };
  await publishNodes({ gate, folder, cluster: grown });
  t.regex(await resolve(one, `minions.${one.name}.k8s`), /^10\.89\.0\.12\s/);
  await removeNode({ gate, progress, folder, cluster: grown, node: 'minion-1' });
  await publishNodes({ gate, folder, cluster: one });
  t.is(await resolve(one, `minions.${one.name}.k8s`), '');
  t.is(await getApi(one), 200);

  await removeNode({ gate, progress, folder, cluster: one, node: 'master-1' });
  await publishNodes({ gate, folder, cluster: { ...one, nodes: [] } });
  await t.throwsAsync(getApi(one, 1));
  t.deepEqual(await destroy(one), []);
});

test.serial('a machine that cannot start says why, and leaves nothing that runs', async (t) => {
  const one = await cluster(t, 'uml');
  const folder = folderOf(one);
  await bringUp(folder, { ...one, nodes: [] });
  const disk = path.join(folder, 'nodes', 'master-1', 'disk.qcow2');
  mkdirSync(path.dirname(disk), { recursive: true });
  writeFileSync(disk, 'no disk');
  await t.throwsAsync(bringUpNode(folder, one, 'master-1'), {
    code: 'BOOT_FAILED',
    message: /^master-1 ended at once: .*disk/,
  });
  t.is((await nodeStatus({ folder, cluster: one, node: 'master-1' })).state, 'failed');
  t.deepEqual(await destroy(one), []);
});

test.serial('a dry run says what would be done and does nothing', async (t) => {
  const one = await cluster(t, 'uml');
  const dry = createGate({ dryRun: true });
  await ensureNetwork({ gate: dry, progress, folder: folderOf(one), cluster: one });
  await publishNodes({ gate: dry, folder: folderOf(one), cluster: one });
  await bringUpNode(folderOf(one), one, 'master-1', dry);
  await destroyCluster({ gate: dry, progress, folder: folderOf(one), name: one.name });
  const words = dry.actions.map(({ target }) => target).join('\n');
  t.regex(words, new RegExp(`^ip netns add kiln-${one.name}$`, 'm'));
  t.regex(words, /^ip netns exec \S+ dnsmasq /m);
  t.true(dry.actions.some(({ verb, target }) => verb === 'start' && target === 'master-1'));
  t.deepEqual(await listLeftovers(one.name, folderOf(one)), []);
});
