import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createGate } from '../../src/gate/gate.js';
import { createIdentity } from '../../src/identity/create-identity.js';
import { saveIdentity } from '../../src/identity/save-identity.js';
import { clusterFiles } from '../../src/launch/cluster-files.js';
import { type Launched, launch } from '../../src/launch/launch.js';
import { parseRequest } from '../../src/launch/parse-request.js';
import type { Cluster } from '../../src/launch/types.js';
import { silentProgress } from '../../src/progress.js';
import { networkFiles } from '../../src/providers/local/names.js';
import { imageWithoutContent } from '../helpers/launch.js';
import { aCluster } from './a-cluster.js';

const work = mkdtempSync(path.join(tmpdir(), 'kiln-launches-'));
process.env.XDG_STATE_HOME = work;

const image = imageWithoutContent(path.join(work, 'image'));
const identity = await createIdentity({ cluster: 'any' });

test.after.always(() => rmSync(work, { recursive: true }));

/** A cluster that was launched and does not run. */
async function launched(name: string, changes: Partial<Cluster> = {}): Promise<Cluster> {
  const network = { namespace: `kiln-${name}`, apiPort: 16900 };
  const cluster = aCluster([['master'], ['minion']], { name, image, network, ...changes });
  const files = clusterFiles(name);
  await saveIdentity(createGate({}), files.identity, identity);
  writeFileSync(files.cluster, JSON.stringify(cluster));
  return cluster;
}

/** What a launch would do; it starts nothing. */
async function dryRun(words: Parameters<typeof parseRequest>[0], named?: string): Promise<Launched> {
  return await launch({
    gate: createGate({ dryRun: true }),
    progress: silentProgress,
    request: parseRequest(words),
    image: named,
    out: path.join(work, 'none'),
  });
}

test('a cluster remembers the disk of its image, and a launch refuses nodes of another', async (t) => {
  const own = imageWithoutContent(path.join(work, 'baked-again'), { disk: 'aa'.repeat(32) });
  const { cluster } = await dryRun({ cluster: 'new', role: 'master' }, own.folder);
  t.deepEqual(cluster.image, own);
  await launched('again', { image: own });
  imageWithoutContent(own.folder, { disk: 'bb'.repeat(32) });
  await t.throwsAsync(dryRun({ cluster: 'again', role: 'minion' }), { code: 'IMAGE_INVALID' });
  // Nodes that are there are not saved by another image.
  await t.throwsAsync(dryRun({ cluster: 'again', role: 'minion' }, image.folder), { code: 'IMAGE_INVALID' });
});

test('after its image is moved a cluster still takes new nodes, from where the image is now', async (t) => {
  const old = imageWithoutContent(path.join(work, 'to-be-moved'));
  await launched('moved', { image: old });
  const folder = path.join(work, 'was-moved');
  renameSync(old.folder, folder);
  const words = { cluster: 'moved', role: 'minion', count: '+1' };
  await t.throwsAsync(dryRun(words), { code: 'IMAGE_INVALID' });
  const { added, cluster, warnings } = await dryRun(words, folder);
  t.deepEqual(added[0]?.image, { ...old, folder });
  t.deepEqual(cluster.image, old);
  t.deepEqual(warnings, []);
});

test('says of each node when it was started, so that a Ready from before is seen', async (t) => {
  await launched('restarted');
  const before = Date.now();
  const { since } = await dryRun({ cluster: 'restarted', role: 'minion' });
  t.deepEqual([...since.keys()], ['minion-2']);
  t.true((since.get('minion-2') ?? 0) >= before && (since.get('minion-2') ?? 0) <= Date.now());
});

test('a port another program took is given up, and neither it nor that of another cluster is taken', async (t) => {
  const taken = await listen(t);
  const network = { namespace: 'kiln-late', apiPort: taken };
  await launched('late', { network });
  const neighbour = (await dryRun({ cluster: 'late', role: 'minion' })).cluster.network.apiPort;
  t.not(neighbour, taken);
  await launched('neighbour', { network: { namespace: 'kiln-neighbour', apiPort: neighbour } });
  const { cluster, warnings } = await dryRun({ cluster: 'late', role: 'minion' });
  t.is(cluster.network.namespace, 'kiln-late');
  t.false([taken, neighbour].includes(cluster.network.apiPort));
  t.is(warnings.length, 1);
  t.regex(warnings.join(), new RegExp(`${taken}.*port ${cluster.network.apiPort}.*launch kubeconfig --out`));
});

test('a port nobody has is kept, and so is one the cluster itself serves on', async (t) => {
  const free = await launched('quiet');
  t.deepEqual((await dryRun({ cluster: 'quiet', role: 'minion' })).cluster.network, free.network);
  const apiPort = await listen(t);
  await launched('serving', { network: { namespace: 'kiln-serving', apiPort } });
  const { folder, haproxy } = networkFiles(clusterFiles('serving').folder);
  // As haproxy's, its command line names the cluster's configuration.
  const child = spawn('sh', ['-c', 'echo there; read -r line', 'sh', haproxy.config]);
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  mkdirSync(folder, { recursive: true });
  writeFileSync(haproxy.pid, `${child.pid}\n`);
  const { cluster, warnings } = await dryRun({ cluster: 'serving', role: 'minion' });
  t.is(cluster.network.apiPort, apiPort);
  t.deepEqual(warnings, []);
});

/** A program of somebody else's on a port of its own. */
async function listen(t: ExecutionContext): Promise<number> {
  const server = createServer();
  t.teardown(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
