import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { createGate } from '../../src/gate/gate.js';
import { createIdentity } from '../../src/identity/create-identity.js';
import { saveIdentity } from '../../src/identity/save-identity.js';
import { repositoryPath } from '../../src/repository.js';
import { launch } from '../helpers/launch.js';
import { aCluster } from '../launch/a-cluster.js';
import { image, stateWith, work } from './launch-work.js';

test('status and list tell what is known of a cluster that does not run', async (t) => {
  const env = { XDG_STATE_HOME: stateWith(aCluster([['master'], ['minion']], { image })) };
  const text = await launch(['status', '--cluster', 'demo'], { env });
  t.is(text.exitCode, 0, text.stderr);
  t.regex(text.stdout, /^cluster demo: API https:\/\/127\.0\.0\.1:16443 unreachable/);
  t.regex(text.stdout, /^minion-2 +minion +10\.89\.0\.12 +stopped +unknown +-$/m);
  const { stdout } = await launch(['status', '--cluster', 'demo', '--json'], { env });
  t.is((JSON.parse(stdout) as { nodes: unknown[] }).nodes.length, 2);
  t.regex((await launch(['list'], { env })).stdout, /^demo +2 nodes +qemu /);
});

test('a damaged cluster is listed, and can be destroyed only when somebody says so', async (t) => {
  const own = stateWith(aCluster([], { name: 'half' }));
  const folder = path.join(own, 'kiln', 'clusters', 'half');
  writeFileSync(path.join(folder, 'cluster.json'), '{');
  const env = { XDG_STATE_HOME: own };
  t.regex((await launch(['list'], { env })).stdout, /^half +damaged/);
  const asked = await launch(['destroy', '--cluster', 'half'], { env });
  t.is(asked.exitCode, 2);
  const dry = await launch(['destroy', '--cluster', 'half', '--dry-run'], { env });
  t.is(dry.exitCode, 0, dry.stderr);
  t.is(dry.stdout, `remove ${folder}`);
  t.deepEqual(readdirSync(folder), ['cluster.json']);
  rmSync(own, { recursive: true });
  t.regex(
    (await launch(['destroy', '--cluster', 'half', '--yes'], { env })).stdout,
    /nothing of a cluster half/,
  );
});

test('a reader that goes away is no crash', async (t) => {
  const own = mkdtempSync(path.join(work, 'state-'));
  for (let number = 0; number < 300; number += 1)
    mkdirSync(path.join(own, 'kiln', 'clusters', `c${number}`), { recursive: true });
  const { stderr } = await execa('sh', ['-c', `"${repositoryPath('bin', 'launch')}" list | true`], {
    env: { XDG_STATE_HOME: own },
    reject: false,
  });
  t.is(stderr, '');
});

test('a kubeconfig of something else is not replaced', async (t) => {
  const own = stateWith(aCluster([['master']], { name: 'demo', image }));
  const folder = path.join(own, 'kiln', 'clusters', 'demo');
  await saveIdentity(
    createGate({}),
    path.join(folder, 'identity'),
    await createIdentity({ cluster: 'demo' }),
  );
  const env = { XDG_STATE_HOME: own };
  const theirs = path.join(own, 'config');
  writeFileSync(theirs, 'users: [{name: demo-administrator}, {name: work}]\n');
  const refused = await launch(['kubeconfig', '--cluster', 'demo', '--out', theirs], { env });
  t.is(refused.exitCode, 2);
  t.regex(refused.stderr, /is there already/);
  t.regex(readFileSync(theirs, 'utf8'), /work/);
  const ours = path.join(own, 'ours');
  for (const attempt of ['first', 'again'])
    t.is((await launch(['kubeconfig', '--cluster', 'demo', '--out', ours], { env })).exitCode, 0, attempt);
});
