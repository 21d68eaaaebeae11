import test from 'ava';
import type { ProbedContext } from './context.js';
import { failUnit, goodContext, problemsOf, startUnit, unitsOf } from './context.js';

const IDENTITY = 'ConditionPathExists=/run/kubernetes/identity';

test('a unit of another role runs: its gate was dropped', (t) => {
  const context = goodContext({ roles: ['etcd'] });
  startUnit(context, 'containerd.service');
  const [problem = '', ...more] = problemsOf(context, 'role-units');
  t.deepEqual(more, []);
  t.regex(problem, /^containerd\.service: expected its role gate \(.*kubernetes-minion\) to hold it back/);
});

test('a unit of another role that only the missing identity holds back: its role gate is not in force', (t) => {
  const context = goodContext({ roles: [] });
  unitsOf(context, 'kubelet.service').logged.reason = IDENTITY;
  const [problem = ''] = problemsOf(context, 'role-units');
  t.true(problem.startsWith('kubelet.service: expected it to be skipped by '));
  t.true(problem.includes('ConditionPathExists=/etc/sysconfig/kubernetes-minion'));
});

test('of a unit two roles share systemd names the missing identity, whatever its markers say', (t) => {
  const context = goodContext({ roles: ['minion'] });
  unitsOf(context, 'etcd.service').logged.reason = IDENTITY;
  t.deepEqual(problemsOf(context, 'role-units'), []);
});

test('a unit skipped by a marker that is there', (t) => {
  const context = goodContext({ roles: ['minion'] });
  const { now, logged } = unitsOf(context, 'containerd.service');
  Object.assign(now, { active: 'inactive', sub: 'dead', conditions: false });
  Object.assign(logged, {
    state: 'skipped',
    reason: 'ConditionPathExists=/etc/sysconfig/kubernetes-worker',
  });
  t.regex(
    problemsOf(context, 'role-units').join(),
    /^containerd\.service: expected it to run .*kubernetes-worker/,
  );
});

test('a unit of the role that starts without the identity it needs', (t) => {
  const context = goodContext({ roles: ['master'] });
  startUnit(context, 'kube-apiserver.service');
  t.regex(
    problemsOf(context, 'role-units').join(),
    /^kube-apiserver\.service: expected .*kubernetes\/identity/,
  );
});

test('a unit of the role that failed, is still starting, or was never tried', (t) => {
  const failed = goodContext({ roles: ['lb'] });
  failUnit(failed, 'haproxy.service', 'cannot bind socket');
  t.regex(problemsOf(failed, 'role-units').join(), /^haproxy\.service: .*failed \(result exit-code\)/);
  const starting = goodContext({ roles: ['lb'] });
  unitsOf(starting, 'haproxy.service').logged.state = 'starting';
  t.regex(problemsOf(starting, 'role-units').join(), /^haproxy\.service: .*starting/);
  const missing = goodContext({ roles: ['lb'] });
  missing.boot.units = missing.boot.units.filter(({ name }) => name !== 'haproxy.service');
  t.regex(problemsOf(missing, 'role-units').join(), /^haproxy\.service: expected systemd to try it/);
});

test('a unit that started, and was gone when the machine had come to rest', (t) => {
  const context = goodContext({ roles: ['minion'] });
  Object.assign(unitsOf(context, 'containerd.service').now, { active: 'inactive', sub: 'dead' });
  t.regex(
    problemsOf(context, 'role-units').join(),
    /^containerd\.service: expected it active .* inactive \(dead/,
  );
});

test('a unit held back that systemd nevertheless has as active', (t) => {
  const context = goodContext({ roles: [] });
  Object.assign(unitsOf(context, 'etcd.service').now, { active: 'active', sub: 'running' });
  t.regex(problemsOf(context, 'role-units').join(), /^etcd\.service: expected it inactive, found it active/);
});

test('a plan whose role gate names no marker', (t) => {
  const context = goodContext({ roles: [] });
  const gate = context.plan.files.find(({ path }) => path.endsWith('kube-proxy.service.d/10-role.conf'));
  if (gate?.type !== 'file' || !('content' in gate)) return t.fail();
  gate.content = gate.content.replace(/^Condition.*kubernetes-minion$/m, '');
  t.regex(
    problemsOf(context, 'role-units').join(),
    /^kube-proxy\.service: expected a condition on one of its markers/,
  );
});

test('systemd before 250 names no condition, which is no problem', (t) => {
  const context = goodContext({ roles: ['minion'] });
  for (const unit of context.boot.units) {
    if (unit.state === 'skipped') unit.reason = 'none of its conditions was met';
  }
  t.deepEqual(problemsOf(context, 'role-units'), []);
});

test('what the journal alone says is judged without a probe', (t) => {
  const context: ProbedContext = goodContext({ roles: [] });
  startUnit(context, 'haproxy.service');
  t.regex(problemsOf({ ...context, facts: undefined }, 'role-units').join(), /^haproxy\.service: /);
});
