import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { execa } from 'execa';
import type { AwsStatus } from '../../src/providers/aws/cluster-status.js';
import { repositoryPath } from '../../src/repository.js';
import { launch } from '../helpers/launch.js';
import { everything, furnish, living } from '../providers/aws/fake/furnish.js';
import { type FakeAws, startFakeAws } from '../providers/aws/fake/start-fake-aws.js';
import { foundCluster } from '../providers/aws/found-cluster.js';

const NO_STACK = /^(?![\s\S]*\n\s+at )/;
const cwd = mkdtempSync(path.join(tmpdir(), 'kiln-verbs-'));
const DEMO = ['--cluster', 'demo', '--provider', 'aws'];

async function withCluster(t: ExecutionContext, options: { minions?: number } = {}): Promise<FakeAws> {
  const fake = await startFakeAws(t);
  await foundCluster(fake, 'demo', options);
  // What is not this cluster's must stay, whatever its tags say of kiln or of a cluster.
  fake.account.volumes.set('vol-other', {
    ...someVolume(fake),
    id: 'vol-other',
    tags: { KubernetesCluster: 'demo' },
  });
  fake.calls.length = 0;
  return fake;
}

function someVolume({ account }: FakeAws) {
  const [volume] = account.volumes.values();
  if (volume === undefined) throw new Error('no volume');
  return { ...volume, instance: undefined };
}

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

test('destroy: shown and refused where nobody can be asked; a dry run names every call; neither changes anything', async (t) => {
  const fake = await withCluster(t);
  const before = everything(fake.account);
  const asked = await launch(['destroy', ...DEMO], { cwd, env: fake.env });
  t.is(asked.exitCode, 2);
  t.regex(
    asked.stderr,
    /^launch: This ends cluster demo in us-east-1 of account 111122223333 for good:\n {2}group +kiln-demo-minion +2 × minion/,
  );
  t.regex(asked.stderr, /\n {2}instance +i-\w+ +demo-master-3 +running\n/);
  t.regex(asked.stderr, /Say --yes to do it/);
  const dry = await launch(['destroy', ...DEMO, '--dry-run', '--json'], { cwd, env: fake.env });
  t.is(dry.exitCode, 0, dry.stderr);
  const { actions, account } = JSON.parse(dry.stdout) as {
    actions: { target: string; parameters: unknown }[];
    account: string;
  };
  t.is(account, fake.account.id);
  t.deepEqual(
    actions.map(({ target }) => target),
    [
      'autoscaling:DeleteAutoScalingGroup',
      'ec2:TerminateInstances',
      'ec2:DeleteLaunchTemplate',
      'ec2:DeleteLaunchTemplate',
    ],
  );
  const shown = await launch(['destroy', ...DEMO, '--dry-run'], { cwd, env: fake.env });
  t.regex(shown.stdout, /^Cluster demo in us-east-1 of account 111122223333:\ngroup +kiln-demo-minion /);
  t.deepEqual(everything(fake.account), before);
  t.true(fake.calls.every(({ action }) => /:(Describe|Get)/.test(action)));
});

test('destroy --yes leaves nothing of the cluster and everything else; again it is no error', async (t) => {
  const fake = await withCluster(t);
  fake.account.delays.terminated = 2;
  const result = await launch(['destroy', ...DEMO, '--yes', '--json'], { cwd, env: fake.env });
  t.is(result.exitCode, 0, result.stderr);
  t.regex(result.stderr, /^Cluster demo in us-east-1 of account 111122223333 ends:\n {2}group /);
  const { removed, left, account } = JSON.parse(result.stdout) as {
    removed: { kind: string }[];
    left: unknown[];
    account: string;
  };
  t.deepEqual([left, account], [[], fake.account.id]);
  t.deepEqual(
    removed.map(({ kind }) => kind),
    ['group', ...Array.from({ length: 5 }, () => 'instance'), 'template', 'template'],
  );
  t.deepEqual(everything(fake.account), ['volume vol-other']);
  const again = await launch(['destroy', ...DEMO, '--yes'], { cwd, env: fake.env });
  t.is(again.exitCode, 0);
  t.is(again.stdout, 'There is nothing of a cluster demo in us-east-1.');
});

test('destroy asks on a terminal: only yes ends anything', async (t) => {
  const fake = await withCluster(t);
  const before = everything(fake.account);
  const command = [repositoryPath('bin', 'launch'), 'destroy', ...DEMO].join(' ');
  const answer = (input: string) =>
    execa('script', ['-qec', command, '/dev/null'], { cwd, env: fake.env, input, reject: false });
  const no = await answer('\n');
  t.is(no.exitCode, 130);
  t.regex(no.stdout, /Go on\? \[y\/N\][\s\S]*nothing was removed/);
  t.deepEqual(everything(fake.account), before);
  const yes = await answer('yes\n');
  t.is(yes.exitCode, 0, yes.stdout);
  t.deepEqual(everything(fake.account), ['volume vol-other']);
});

test('destroy: interrupted while nodes end, it says that some is left; the same command ends the rest', async (t) => {
  const fake = await withCluster(t);
  fake.account.delays.terminated = 1_000;
  const args = ['destroy', ...DEMO, '--yes'];
  const child = execa(repositoryPath('bin', 'launch'), args, { cwd, env: fake.env, reject: false });
  while (fake.count('ec2:TerminateInstances') === 0) await sleep(50);
  child.kill('SIGINT');
  const { exitCode, stderr } = await child;
  t.is(exitCode, 130);
  t.regex(stderr, /interrupted; some of the cluster is still there\n {2}The same command removes the rest\./);
  fake.account.delays.terminated = 0;
  const rest = await launch(args, { cwd, env: fake.env });
  t.is(rest.exitCode, 0, rest.stderr);
  t.deepEqual(everything(fake.account), ['volume vol-other']);
});

test('destroy: an answer that was lost and throttling change nothing', async (t) => {
  const fake = await withCluster(t);
  fake.breakAfter('ec2:TerminateInstances');
  fake.breakAfter('ec2:DeleteLaunchTemplate');
  fake.refuse('autoscaling:DeleteAutoScalingGroup', { code: 'Throttling', message: 'Rate exceeded' }, 2);
  const result = await launch(['destroy', ...DEMO, '--yes'], { cwd, env: fake.env });
  t.is(result.exitCode, 0, result.stderr);
  t.deepEqual(everything(fake.account), ['volume vol-other']);
});

test('destroy: what may not be removed is told with AWS’s reason, and the status is 1', async (t) => {
  const fake = await withCluster(t);
  fake.refuse(
    'ec2:DeleteLaunchTemplate',
    {
      code: 'UnauthorizedOperation',
      message: 'You are not authorized to perform this operation.',
      status: 403,
    },
    99,
  );
  const result = await launch(['destroy', ...DEMO, '--yes'], { cwd, env: fake.env });
  t.is(result.exitCode, 1);
  t.regex(
    result.stderr,
    /launch: Not removed from us-east-1:\n {2}template lt-\w+: .*You are not authorized to perform this operation\. \(UnauthorizedOperation/,
  );
  t.regex(result.stderr, NO_STACK);
  t.is(living(fake.account).length, 0);
});

test('destroy: a group that stays keeps its nodes, which are told with its reason, and not all of them', async (t) => {
  const fake = await withCluster(t, { minions: 30 });
  const message = 'You may not delete this group.';
  fake.refuse('autoscaling:DeleteAutoScalingGroup', { code: 'AccessDenied', message, status: 403 }, 99);
  const result = await launch(['destroy', ...DEMO, '--yes', '--json'], { cwd, env: fake.env });
  t.is(result.exitCode, 1);
  t.regex(result.stderr, /\n {2}group kiln-demo-minion: .*You may not delete this group\. \(AccessDenied/);
  const nodes = result.stderr.match(
    /\n {2}instance i-\w+: its group kiln-demo-minion is still there: .*AccessDenied/g,
  );
  t.is(nodes?.length, 20);
  t.regex(result.stderr, /\n {2}… and 10 more for the same reason\n/);
  t.is((JSON.parse(result.stdout) as { left: unknown[] }).left.length, 33);
  t.regex(result.stderr, NO_STACK);
  t.is(living(fake.account).length, 30);
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
