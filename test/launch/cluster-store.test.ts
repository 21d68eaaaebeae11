import { mkdirSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { createGate } from '../../src/gate/gate.js';
import { clusterFiles } from '../../src/launch/cluster-files.js';
import {
  listClusterNames,
  readCluster,
  requireCluster,
  writeCluster,
} from '../../src/launch/cluster-store.js';
import { aCluster } from './a-cluster.js';

process.env.XDG_STATE_HOME = mkdtempSync(path.join(tmpdir(), 'kiln-store-'));

test.serial(
  'what is written is read again, from a folder of its own that nobody else can enter',
  async (t) => {
    const cluster = aCluster([['master'], ['minion']]);
    await writeCluster(createGate({}), cluster);
    t.deepEqual(await readCluster('demo'), cluster);
    const { folder } = clusterFiles('demo');
    t.is(statSync(folder).mode & 0o777, 0o700);
    t.deepEqual(readdirSync(folder), ['cluster.json']);
  },
);

test.serial('a dry run writes nothing', async (t) => {
  await writeCluster(createGate({ dryRun: true }), aCluster([], { name: 'dry' }));
  t.is(await readCluster('dry'), undefined);
});

test.serial('a missing cluster is told with those there are, damaged ones too', async (t) => {
  mkdirSync(clusterFiles('broken').folder, { recursive: true });
  writeFileSync(clusterFiles('broken').cluster, '{"name": ');
  t.deepEqual(await listClusterNames(), ['broken', 'demo']);
  const error = await t.throwsAsync(requireCluster('other'), { code: 'CLUSTER_MISSING' });
  t.regex(String((error as unknown as { hint: string }).hint), /broken, demo/);
  await t.throwsAsync(readCluster('broken'), { code: 'CLUSTER_INVALID' });
});

test.serial('a file about another cluster is none of this one', async (t) => {
  mkdirSync(clusterFiles('moved').folder, { recursive: true });
  writeFileSync(clusterFiles('moved').cluster, JSON.stringify(aCluster([])));
  await t.throwsAsync(readCluster('moved'), { code: 'CLUSTER_INVALID' });
});
