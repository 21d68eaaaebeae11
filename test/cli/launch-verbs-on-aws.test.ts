import { mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import type { AwsStatus } from '../../src/providers/aws/cluster-status.js';
import { repositoryPath } from '../../src/repository.js';
import { launch } from '../helpers/launch.js';
import { furnish, living } from '../providers/aws/fake/furnish.js';
import { startFakeAws } from '../providers/aws/fake/start-fake-aws.js';
import { cwd, DEMO, withCluster } from './cluster-on-aws.js';

test('status: every node and group, as a table and as JSON', async (t) => {
  const fake = await withCluster(t);
  const text = await launch(['status', ...DEMO], { cwd, env: fake.env });
  t.is(text.exitCode, 0, text.stderr);
  t.regex(text.stdout, /^cluster demo in us-east-1; Kubernetes, etcd and API unknown: /);
  t.regex(
    text.stdout,
    /^demo-master-3 +i-\w+ +master +running +t3\.medium +us-east-1c +\S+ +ami-\w+ +\d+s +-$/m,
  );
  t.regex(text.stdout, /^kiln-demo-minion +minion +2 +2 +2 +-$/m);
  t.regex(text.stdout, /AWS knows of nothing wrong\.$/);
  const json = await launch(['status', ...DEMO, '--json'], { cwd, env: fake.env });
  const status = JSON.parse(json.stdout) as AwsStatus;
  t.is(status.nodes.length, 5);
  t.deepEqual(status.problems, []);
});

test('status --watch goes on, a document a line, until Ctrl-C', async (t) => {
  const fake = await withCluster(t);
  const child = execa(repositoryPath('bin', 'launch'), ['status', ...DEMO, '--watch', '--json'], {
    cwd,
    env: fake.env,
    reject: false,
  });
  const lines: string[] = [];
  for await (const line of child) {
    lines.push(line);
    if (lines.length === 1) fake.account.groups.clear();
    if (lines.length === 2) {
      child.kill('SIGINT');
      break;
    }
  }
  await child;
  const [first, second] = lines.map((line) => (JSON.parse(line) as AwsStatus).groups.length);
  t.deepEqual([first, second], [1, 0]);
});

test('list: the clusters of a region', async (t) => {
  const fake = await withCluster(t);
  const result = await launch(['list', '--provider', 'aws'], { cwd, env: fake.env });
  t.is(result.stdout, 'demo  us-east-1  3 × master, 2 × minion  kiln-demo-minion', result.stderr);
  const { AWS_REGION: _, ...env } = fake.env;
  writeFileSync(path.join(mkdtempSync(path.join(cwd, 'c-')), 'kiln.yaml'), '');
  const nowhere = await launch(['list', '--provider', 'aws'], { cwd, env: { ...env, HOME: cwd } });
  t.is(nowhere.exitCode, 2);
  t.regex(nowhere.stderr, /^launch: Which region of AWS is not said\n/);
});

test('logs: the console of a node by name or id, and what it cannot do', async (t) => {
  const fake = await withCluster(t);
  const [node] = living(fake.account);
  if (node === undefined) return t.fail();
  fake.account.consoles.set(node.id, 'Booting\r\nkube-role: roles master of demo\r\n');
  const byName = await launch(['logs', 'master-1', ...DEMO], { cwd, env: fake.env });
  t.is(byName.exitCode, 0, byName.stderr);
  t.is(byName.stdout, 'Booting\nkube-role: roles master of demo');
  t.is(byName.stderr, `kiln has no login on AWS: this is the console of demo-master-1 (${node.id})`);
  const byId = await launch(['logs', node.id, '--console', ...DEMO], { cwd, env: fake.env });
  t.deepEqual([byId.stdout, byId.stderr], [byName.stdout, '']);
  const near = await launch(['logs', 'demo-master-9', ...DEMO], { cwd, env: fake.env });
  t.is(near.exitCode, 2);
  t.regex(near.stderr, /no node "demo-master-9" in us-east-1; did you mean demo-master-\d\?/);
  const early = await launch(['logs', 'master-2', ...DEMO], { cwd, env: fake.env });
  t.is(early.exitCode, 1);
  t.regex(early.stderr, /AWS has no console output of demo-master-2 \(i-\w+\), which is running/);
  const units = await launch(['logs', 'master-1', '--unit', 'kubelet', ...DEMO], { cwd, env: fake.env });
  t.is(units.exitCode, 2);
  t.regex(units.stderr, /--unit needs a login, and kiln has none on nodes of AWS/);
});

test('a cluster that is not there, and verbs that AWS does not have yet', async (t) => {
  const fake = await startFakeAws(t);
  furnish(fake.account);
  const missing = await launch(['status', ...DEMO], { cwd, env: fake.env });
  t.is(missing.exitCode, 2);
  t.regex(missing.stderr, /^launch: There is no cluster demo in us-east-1\n/);
  for (const [args, why] of [
    [['console', 'master-1'], /kiln has no login on nodes of AWS/],
    [['kubeconfig'], /Clusters on AWS have no identity yet/],
    [['smoke'], /Clusters on AWS have no identity yet/],
  ] as const) {
    const result = await launch([...args, ...DEMO], { cwd, env: fake.env });
    t.is(result.exitCode, 2);
    t.regex(result.stderr, why);
    t.regex(result.stderr, /\n {2}`launch (logs|status) /);
  }
});

test('kiln.yaml says which provider and region; a verb of this machine needs --provider local then', async (t) => {
  const fake = await withCluster(t);
  const { AWS_REGION: _, ...env } = fake.env;
  const own = mkdtempSync(path.join(cwd, 'own-'));
  writeFileSync(path.join(own, 'kiln.yaml'), 'provider: aws\naws:\n  region: us-east-1\n');
  const there = await launch(['list'], { cwd: own, env });
  t.regex(there.stdout, /^demo {2}us-east-1/, there.stderr);
  const here = await launch(['list', '--provider', 'local'], {
    cwd: own,
    env: { ...env, XDG_STATE_HOME: own },
  });
  t.is(here.stdout, 'No cluster was launched here.');
  const region = await launch(['status', '--region', 'us-east-1'], { cwd, env });
  t.is(region.exitCode, 2);
  t.regex(region.stderr, /--region is about AWS/);
});

test('without credentials it says how to sign in', async (t) => {
  const fake = await startFakeAws(t);
  const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, ...env } = fake.env;
  const result = await launch(['status', ...DEMO], { cwd, env: { ...env, HOME: cwd } });
  t.is(result.exitCode, 2);
  t.regex(result.stderr, /^launch: No credentials for AWS/);
  t.deepEqual(fake.calls, []);
});
