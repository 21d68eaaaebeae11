import test from 'ava';
import { checked, failUnit, goodContext, problemsOf, unitsOf } from './context.js';

test('a failed unit is named with its last words', (t) => {
  const context = goodContext();
  failUnit(context, 'containerd.service', 'invalid disabled_plugins');
  t.deepEqual(problemsOf(context, 'failed-units'), [
    'containerd.service: expected it not to fail; its last lines: invalid disabled_plugins',
  ]);
});

test('a unit that systemd has as failed and the journal does not tell of', (t) => {
  const context = goodContext();
  context.facts.units.push({
    ...unitsOf(context, 'ssh.service').now,
    name: 'rogue.service',
    active: 'failed',
  });
  t.regex(problemsOf(context, 'failed-units').join(), /^rogue\.service: /);
});

test('kube-role may fail where its markers are wrong, and nowhere else', (t) => {
  const refused = goodContext({ roles: [], refusedWith: 'it names no cluster' });
  t.is(checked(refused, 'failed-units').status, 'passed');
  failUnit(refused, 'ssh.service', 'no host keys');
  t.regex(problemsOf(refused, 'failed-units').join(), /^ssh\.service: /);
  const idle = goodContext({ roles: [] });
  failUnit(idle, 'kube-role.service', 'no default route');
  t.regex(problemsOf(idle, 'failed-units').join(), /^kube-role\.service: /);
});

test('a system that is degraded without a failed unit, or in maintenance', (t) => {
  const context = goodContext();
  context.facts.systemState = 'maintenance';
  t.deepEqual(problemsOf(context, 'failed-units'), [
    'systemctl is-system-running: expected the system to be running, found it maintenance',
  ]);
});

test('a restarted unit, by the journal or by systemd', (t) => {
  const logged = goodContext();
  logged.boot.restartedUnits = ['haproxy.service'];
  unitsOf(logged, 'haproxy.service').logged.restarts = 3;
  t.regex(problemsOf(logged, 'restarted-units').join(), /^haproxy\.service: .*restarted it 3 times/);
  const counted = goodContext();
  unitsOf(counted, 'containerd.service').now.restarts = 2;
  t.regex(problemsOf(counted, 'restarted-units').join(), /^containerd\.service: .*restarted it 2 times/);
});

test('journald restarts once when the initrd ends, and never else', (t) => {
  const context = goodContext();
  const journal = { ...unitsOf(context, 'ssh.service').now, name: 'systemd-journald.service', restarts: 1 };
  context.facts.units.push(journal);
  t.deepEqual(problemsOf(context, 'restarted-units'), []);
  context.boot.seconds.initrd = undefined;
  t.regex(
    problemsOf(context, 'restarted-units').join(),
    /^systemd-journald\.service: .*restarted it 1 times/,
  );
  context.boot.seconds.initrd = 3;
  journal.restarts = 2;
  t.regex(
    problemsOf(context, 'restarted-units').join(),
    /^systemd-journald\.service: .*restarted it 2 times/,
  );
});

test('a start job that never ends', (t) => {
  const context = goodContext();
  context.boot.unfinishedJobs = ['kube-images.service'];
  unitsOf(context, 'containerd.service').now.job = true;
  t.deepEqual(
    checked(context, 'unfinished-jobs').problems.map(({ subject }) => subject),
    ['containerd.service', 'kube-images.service'],
  );
});

test('an ordering cycle', (t) => {
  const context = goodContext();
  context.boot.orderingCycles = [
    'multi-user.target: Found ordering cycle on kube-role.service/start',
    'multi-user.target: Job kube-role.service/start deleted to break ordering cycle',
  ];
  const problems = problemsOf(context, 'ordering-cycles');
  t.is(problems.length, 2);
  t.regex(problems.join(), /^multi-user\.target: .*kube-role\.service/);
});

test('a directive systemd does not know', (t) => {
  const context = goodContext();
  context.boot.unknownDirectives = [
    "/usr/lib/systemd/system/kubelet.service:9: Unknown key name 'ConditionPathExits' in section 'Unit', ignoring.",
  ];
  t.regex(
    problemsOf(context, 'journal-warnings').join(),
    /^\/usr\/lib\/systemd\/system\/kubelet\.service: .*ConditionPathExits/,
  );
});
