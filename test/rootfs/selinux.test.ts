import test from 'ava';
import { planOf } from '../helpers/plans.js';

const DROPIN = '/usr/lib/systemd/system/haproxy.service.d/40-selinux.conf';

test('haproxy may listen on 6443 where SELinux enforces, and nothing is run for it elsewhere', (t) => {
  const file = planOf('rocky9').files.find(({ path }) => path === DROPIN);
  t.true(file !== undefined && 'content' in file);
  t.regex(
    file !== undefined && 'content' in file ? file.content : '',
    /^ExecStartPre=-\/usr\/sbin\/setsebool haproxy_connect_any 1$/m,
  );
  t.true(planOf('rocky9').packages.includes('policycoreutils'));
  t.false(planOf('debian12').files.some(({ path }) => path === DROPIN));
});
