import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { execa } from 'execa';
import { repositoryPath } from '../../src/repository.js';
import { launch } from '../helpers/launch.js';
import { NO_STACK } from '../helpers/no-stack.js';
import { everything, living } from '../providers/aws/fake/furnish.js';
import { cwd, DEMO, withCluster } from './cluster-on-aws.js';

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
