import test from 'ava';
import { checked, failUnit, problemsOf, rebootedContext, startUnit } from './context.js';

const KEPT = {
  'machine-id': { machineId: '2'.repeat(32) },
  'host keys': { hostKeys: ['SHA256:new'] },
} as const;

for (const [subject, change] of Object.entries(KEPT)) {
  test(`the second boot has another ${subject}`, (t) => {
    const context = rebootedContext();
    Object.assign(context.facts.machine, change);
    t.regex(
      problemsOf(context, 'reboot').join(),
      new RegExp(`^${subject}: expected .* as at the first boot`),
    );
  });
}

test('host keys in another order are the same', (t) => {
  const context = rebootedContext();
  context.facts.machine.hostKeys.reverse();
  t.deepEqual(problemsOf(context, 'reboot'), []);
});

test('another host name', (t) => {
  const context = rebootedContext();
  context.facts.hostname = 'localhost';
  t.deepEqual(problemsOf(context, 'reboot'), [
    'hostname: expected node1 as at the first boot, found localhost',
  ]);
});

test('the same boot id: it never rebooted', (t) => {
  const context = rebootedContext();
  context.facts.machine.bootId = context.before?.facts?.machine.bootId ?? '';
  t.regex(problemsOf(context, 'reboot').join(), /^boot id: expected a new one/);
});

test('a marker that went away, or came', (t) => {
  const context = rebootedContext({ roles: ['minion'] });
  context.boot.markers = { '/etc/sysconfig/kubernetes-lb': 'CLUSTER_NAME=test' };
  t.deepEqual(problemsOf(context, 'reboot'), [
    '/etc/sysconfig/kubernetes-lb: expected null as after the first boot, found "CLUSTER_NAME=test"',
    '/etc/sysconfig/kubernetes-minion: expected "CLUSTER_NAME=test" as after the first boot, found null',
  ]);
});

test('a unit of a role that behaves otherwise, and one that fails only now', (t) => {
  const other = rebootedContext({ roles: ['master'] });
  startUnit(other, 'containerd.service');
  t.regex(problemsOf(other, 'reboot').join(), /^containerd\.service: expected it skipped .*running$/);
  const failed = rebootedContext({ roles: ['master'] });
  failUnit(failed, 'ssh.service', 'no host keys');
  t.regex(problemsOf(failed, 'reboot').join(), /^ssh\.service: expected it not to fail at the second boot/);
});

test('without a probe the machine itself is not compared, which is said', (t) => {
  const { examined, notes } = checked({ ...rebootedContext(), facts: undefined }, 'reboot');
  t.true(examined > 0);
  t.regex(notes?.join() ?? '', /^machine-id, boot id, host keys, hostname: no probe ran/);
});
