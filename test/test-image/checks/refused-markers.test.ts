import test from 'ava';
import { failUnit, goodContext, problemsOf, startUnit, unitsOf } from './context.js';

const MISSPELT = {
  roles: [],
  refusedWith: 'there is no role "mastre"',
  markers: { '/etc/sysconfig/kubernetes-mastre': 'CLUSTER_NAME=test\n' },
};

test('a wrong marker that nobody minds', (t) => {
  const context = goodContext(MISSPELT);
  Object.assign(unitsOf(context, 'kube-role.service').logged, { state: 'ran', reason: '' });
  t.regex(
    problemsOf(context, 'refused-markers').join(),
    /^kube-role\.service: expected it to fail with "there is no role "mastre"", found: ran$/,
  );
});

test('a wrong marker refused with other words', (t) => {
  const context = goodContext(MISSPELT);
  context.boot.failureLogs['kube-role.service'] = ['/usr/libexec/kiln/kube-role: 12: awk: not found'];
  t.regex(
    problemsOf(context, 'refused-markers').join(),
    /^kube-role\.service: expected it to say .*awk: not found$/,
  );
});

test('a unit of a role that starts in spite of the wrong marker', (t) => {
  const context = goodContext(MISSPELT);
  startUnit(context, 'containerd.service');
  t.regex(problemsOf(context, 'refused-markers').join(), /^containerd\.service: expected no unit of a role/);
});

test('right markers that are refused', (t) => {
  const context = goodContext({ roles: ['master'] });
  failUnit(context, 'kube-role.service', 'kiln: FAILED: there is no default route over IPv4');
  t.regex(problemsOf(context, 'refused-markers').join(), /^kube-role\.service: .*no default route/);
});

test('a marker that was not written, has other content, or is one too many', (t) => {
  const missing = goodContext({ roles: ['minion'] });
  missing.boot.markers = {};
  t.deepEqual(problemsOf(missing, 'markers'), [
    '/etc/sysconfig/kubernetes-minion: expected the marker the user data writes, found none',
  ]);
  const other = goodContext({ roles: ['minion'] });
  other.boot.markers['/etc/sysconfig/kubernetes-minion'] = 'CLUSTER_NAME=other\n';
  t.deepEqual(problemsOf(other, 'markers'), [
    String.raw`/etc/sysconfig/kubernetes-minion: expected "CLUSTER_NAME=test", found "CLUSTER_NAME=other\n"`,
  ]);
  const baked = goodContext({ roles: [] });
  baked.boot.markers['/etc/sysconfig/kubernetes-lb'] = '';
  t.deepEqual(problemsOf(baked, 'markers'), [
    '/etc/sysconfig/kubernetes-lb: expected no such marker, found one with ""',
  ]);
});

test('other files of /etc/sysconfig, which Red Hat has many of, are no markers', (t) => {
  const context = goodContext({ os: 'rocky9', roles: ['minion'] });
  context.boot.markers['/etc/sysconfig/network'] = 'NETWORKING=yes\n';
  t.deepEqual(problemsOf(context, 'markers'), []);
});
