import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:https';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { createGate } from '../../src/gate/gate.js';
import type { Cluster, LocalRig } from '../../src/launch/types.js';
import { silentProgress } from '../../src/progress.js';
import {
  commandInNode,
  destroyCluster,
  ensureNetwork,
  freeApiPort,
  killNode,
  listLeftovers,
  namespaceName,
  nodeStatus,
  publishNodes,
  removeNode,
  stopNode,
} from '../../src/providers/local/local-provider.js';
import { repositoryPath } from '../../src/repository.js';
import { bakeFromDebian } from '../helpers/baked-image.js';
import { aCluster, aNode } from './local/a-cluster.js';
import { bringUp, bringUpNode } from './local/bring-up.js';

/** Needs root, the tools of `launch`, an image of Debian 12 (baked first where it is missing) and user-mode Linux. */
const run = promisify(execFile);
const gate = createGate({});
const progress = silentProgress;
/** Clusters' folders are as awkward as they get: too long for the address of a socket, and with a space. */
const SCRATCH = mkdtempSync('/var/tmp/kiln-local-test-');
const STATE = path.join(SCRATCH, `${'a-long-way-down/'.repeat(7)}the state, of kiln`);
test.after.always(() => rmSync(SCRATCH, { recursive: true, force: true }));

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

test.serial(
  'a launch that is killed, wherever it was, leaves nothing behind a destroy, and can be done again',
  async (t) => {
    for (const delay of [150, 400, 700, 1000, 1300, 1600, 2200, 3000]) {
      const one = await cluster(t, 'uml');
      const child = inChild(`
      const { bringUp } = await import(${url('test/providers/local/bring-up.js')});
      await bringUp(${JSON.stringify(folderOf(one))}, ${JSON.stringify(one)});`);
      await killAfter(child, delay);
      t.log(
        `killed after ${delay} ms: ${(await listLeftovers(one.name, folderOf(one))).map(kindOf).join(', ')}`,
      );
      if (delay === 1000) {
        // Half a cluster is no obstacle to the same launch.
        await bringUp(folderOf(one), one);
        await answer(t, one, 'master-1');
      }
      t.deepEqual(await destroy(one), [], `killed after ${delay} ms`);
      t.deepEqual(await destroy(one), [], 'and again');
    }
  },
);

test.serial('a destroy that is killed can be done again, also with half the files missing', async (t) => {
  for (const delay of [150, 300, 400, 500, 600, 800]) {
    const one = await cluster(t, 'uml');
    const folder = folderOf(one);
    await bringUp(folder, one);
    writeFileSync(path.join(folder, 'cluster.json'), '{}');
    const child = inChild(`
      const { destroyCluster } = await import(${url('src/providers/local/local-provider.js')});
      const { createGate } = await import(${url('src/gate/gate.js')});
      const { silentProgress: progress } = await import(${url('src/progress.js')});
      const folder = ${JSON.stringify(folder)};
      await destroyCluster({ gate: createGate({}), progress, folder, name: ${JSON.stringify(one.name)} });`);
    await killAfter(child, delay);
    const left = await listLeftovers(one.name, folder);
    t.log(`killed after ${delay} ms: ${left.map(kindOf).join(', ')}`);
    // The record goes last, so that whoever lists clusters sees that there is something to destroy.
    if (left.some((line) => line.startsWith('folder')) && readdirSync(folder).length > 0) {
      t.true(existsSync(path.join(folder, 'cluster.json')));
      rmSync(path.join(folder, 'network'), { recursive: true, force: true });
      rmSync(path.join(folder, 'nodes', 'master-1', 'pid'), { force: true });
    }
    t.deepEqual(await destroy(one), [], `killed after ${delay} ms`);
  }
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

/** One master; whatever becomes of the test, nothing stays. */
async function cluster(t: ExecutionContext, rig: LocalRig): Promise<Cluster> {
  t.timeout(1_800_000);
  const name = `test-${randomBytes(4).toString('hex')}`;
  const image = process.env.KILN_TEST_IMAGE ?? (await bakeFromDebian(t, ['--os', 'debian12'])).folder;
  mkdirSync(STATE, { recursive: true });
  t.teardown(() => destroyCluster({ gate, progress, folder: path.join(STATE, name), name }));
  return aCluster({
    ...{ name, rig, image: { folder: image, id: 'sha256:00' } },
    network: { namespace: namespaceName(name), apiPort: await freeApiPort(ports()) },
    nodes: [{ ...aNode(1, 'master-1', ['master']), memoryMiB: 2048 }],
  });
}

const given: number[] = [];

/** A port is free until haproxy has it. */
function ports(): number[] {
  given.push(16443 + given.length);
  return given.slice(0, -1);
}

function folderOf({ name }: Cluster): string {
  return path.join(STATE, name);
}

async function destroy(one: Cluster): Promise<string[]> {
  const folder = folderOf(one);
  const { leftovers } = await destroyCluster({ gate, progress, folder, name: one.name });
  // The kernel's own view, beside what kiln says of itself.
  const { stdout } = await run('ip', ['netns', 'list']);
  const namespaces = stdout.split('\n').filter((line) => line.includes(one.name));
  const processes = readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && pid !== String(process.pid))
    .map((pid) => readProc(path.join('/proc', pid, 'cmdline')))
    .filter((line) => line.includes(one.name));
  const mounts = readProc('/proc/self/mounts')
    .split('\n')
    .filter((line) => line.includes(one.name));
  const files = existsSync(folder) ? [folder] : [];
  return [...leftovers, ...namespaces, ...processes, ...mounts, ...files];
}

async function inNode(own: Cluster, node: string, ...command: string[]): Promise<string> {
  const [file = '', ...args] = commandInNode({ folder: folderOf(own), cluster: own, node, command });
  return (await run(file, args)).stdout.trim();
}

/** Empty when there is no such name. */
async function resolve(own: Cluster, name: string): Promise<string> {
  return await inNode(own, 'master-1', 'sh', '-c', `getent ahostsv4 ${name} || test $? = 2`);
}

async function answer(t: ExecutionContext, own: Cluster, node: string): Promise<void> {
  const begun = Date.now();
  for (;;) {
    const state = await nodeStatus({ folder: folderOf(own), cluster: own, node });
    if (state.state !== 'running') throw new Error(JSON.stringify(state));
    const ready = await inNode(own, node, 'true').then(
      () => true,
      () => false,
    );
    if (ready) break;
    if (Date.now() - begun > 240_000) throw new Error(`${node} does not answer`);
    await sleep(500);
  }
  t.log(`${node} of ${own.name} answers after ${(Date.now() - begun) / 1000} s`);
}

/** openssl's own web server says 200 to everything. */
async function serveInsteadOfTheApi(own: Cluster, node: string): Promise<void> {
  const certificate = 'openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=api -keyout /run/k -out /run/c';
  await inNode(own, node, 'sudo', 'sh', '-c', certificate);
  const server = ['openssl', 's_server', '-accept', '6443', '-www', '-key', '/run/k', '-cert', '/run/c'];
  await inNode(own, node, 'sudo', 'systemd-run', '--quiet', ...server);
}

/** The status of an answer by way of the port on the host; haproxy takes a second to see a server. */
async function getApi(own: Cluster, attempts = 20): Promise<number | undefined> {
  const url = `https://127.0.0.1:${own.network.apiPort}/readyz`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await new Promise((done, failed) => {
        const sent = request(url, { rejectUnauthorized: false, timeout: 3000 }, (response) => {
          response.resume();
          done(response.statusCode);
        });
        sent
          .on('error', failed)
          .on('timeout', () => sent.destroy(new Error('no answer')))
          .end();
      });
    } catch (error) {
      if (attempt >= attempts) throw error;
      await sleep(500);
    }
  }
}

function inChild(code: string): ChildProcess {
  return spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'inherit' });
}

async function killAfter(child: ChildProcess, delay: number): Promise<void> {
  const ended = new Promise((done) => child.once('exit', done));
  await Promise.race([sleep(delay), ended]);
  child.kill('SIGKILL');
  await ended;
}

function url(file: string): string {
  return JSON.stringify(pathToFileURL(repositoryPath('dist', file)).href);
}

function kindOf(leftover: string): string {
  return /\((.*)\)/.exec(leftover)?.[1] ?? leftover.split(' ')[0] ?? '';
}

function readProc(file: string): string {
  try {
    return readFileSync(file, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
