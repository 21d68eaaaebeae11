import test from 'ava';
import { checked, goodContext, problemsOf, unitsOf } from './context.js';

test('a gate that is on the disk and not in force', (t) => {
  const context = goodContext({ roles: [] });
  const { now } = unitsOf(context, 'kubelet.service');
  now.dropins = (now.dropins ?? []).filter((path) => !path.endsWith('10-role.conf'));
  t.deepEqual(problemsOf(context, 'drop-ins'), [
    'kubelet.service: expected systemd to read the drop-in /usr/lib/systemd/system/kubelet.service.d/10-role.conf, found that it does not',
  ]);
});

test('a unit file in /etc hides the planned one', (t) => {
  const context = goodContext({ roles: [] });
  unitsOf(context, 'etcd.service').now.fragment = '/etc/systemd/system/etcd.service';
  t.regex(
    problemsOf(context, 'drop-ins').join(),
    /^etcd\.service: expected systemd to read \/usr\/lib.*\/etc\//,
  );
});

test('/lib and /usr/lib are the same folder', (t) => {
  const context = goodContext({ roles: [] });
  unitsOf(context, 'etcd.service').now.fragment = '/lib/systemd/system/etcd.service';
  t.deepEqual(problemsOf(context, 'drop-ins'), []);
});

test('a probe that did not ask for them', (t) => {
  const context = goodContext();
  for (const unit of context.facts.units) delete unit.dropins;
  t.is(checked(context, 'drop-ins').status, 'skipped');
});
