import test from 'ava';
import { checked, goodContext, problemsOf } from './context.js';

test('swap', (t) => {
  const context = goodContext();
  context.facts.swaps = ['/swapfile', '/dev/zram0'];
  t.regex(problemsOf(context, 'swap').join('\n'), /^\/swapfile: .*\n\/dev\/zram0: /);
});

test('a clock nobody synchronised is named by its unit on that OS', (t) => {
  for (const [os, unit] of [
    ['debian12', 'chrony.service'],
    ['rocky9', 'chronyd.service'],
  ] as const) {
    const context = goodContext({ os });
    context.facts.time = { synchronised: false, source: '', detail: '' };
    t.regex(problemsOf(context, 'time').join(), new RegExp(`^${unit}: .*no source`));
  }
});

test('a clock that is three seconds off, or of which nothing is known', (t) => {
  const context = goodContext();
  context.facts.clock.guest = context.facts.clock.host - 3;
  t.regex(problemsOf(context, 'time').join(), /^clock: .*found 3\.0 s$/);
  context.facts.clock.guest = Number.NaN;
  t.regex(problemsOf(context, 'time').join(), /^clock: /);
});

test('SELinux, AppArmor and cgroup other than planned', (t) => {
  const redhat = goodContext({ os: 'rocky9' });
  const { selinux } = redhat.plan.expected;
  redhat.facts.selinux = selinux === 'absent' ? 'enforcing' : 'absent';
  t.regex(problemsOf(redhat, 'selinux').join(), new RegExp(`^SELinux: expected SELinux ${selinux}`));
  const debian = goodContext();
  debian.facts.apparmor = false;
  debian.facts.cgroup = 'v1';
  t.deepEqual(problemsOf(debian, 'apparmor'), ['AppArmor: expected AppArmor on, found it off']);
  t.deepEqual(problemsOf(debian, 'cgroup'), ['cgroup: expected cgroup v2 at /sys/fs/cgroup, found v1']);
});

test('what hangs on the kernel is skipped on another kernel, unless it is right there too', (t) => {
  const context = { ...goodContext(), rig: 'uml' as const };
  t.is(checked(context, 'apparmor').status, 'passed');
  context.facts.apparmor = false;
  context.facts.cgroup = 'v1';
  context.facts.selinux = 'enforcing';
  for (const name of ['apparmor', 'cgroup', 'selinux']) {
    const { status, reason } = checked(context, name);
    t.is(status, 'skipped');
    t.regex(reason, /^user-mode Linux runs the image on a kernel of its own/);
  }
});
