import test from 'ava';
import { roleGates } from '../../../src/lint/rules/role-gates.js';
import { soundPlan, textsOf, withDropin, withFile, withoutFile, withUnit } from '../faulty-plan.js';

const GATE = '10-role.conf';
const MASTER = '/etc/sysconfig/kubernetes-master';
const MINION = '/etc/sysconfig/kubernetes-minion';
const folder = '/usr/lib/systemd/system';

test('the real plan is gated as its roles say', (t) => {
  t.deepEqual(textsOf(roleGates, soundPlan()), []);
});

test('a missing gate', (t) => {
  t.deepEqual(textsOf(roleGates, withoutFile(soundPlan(), `${folder}/kubelet.service.d/${GATE}`)), [
    `kubelet.service: gated by none; its roles say ${MINION}`,
  ]);
});

test('the gate of another role', (t) => {
  const plan = withDropin(soundPlan(), 'kubelet.service', GATE, `[Unit]\nConditionPathExists=${MASTER}\n`);
  t.deepEqual(textsOf(roleGates, plan), [`kubelet.service: gated by ${MASTER}; its roles say ${MINION}`]);
});

test('a later drop-in that clears the conditions', (t) => {
  const plan = withDropin(soundPlan(), 'kubelet.service', '50-clear.conf', '[Unit]\nConditionFirstBoot=\n');
  t.deepEqual(textsOf(roleGates, plan), [`kubelet.service: gated by none; its roles say ${MINION}`]);
});

test('a gate in the unit file', (t) => {
  const path = `${folder}/kubelet.service`;
  const bare = withoutFile(soundPlan(), `${path}.d/${GATE}`);
  const plan = withFile(
    bare,
    path,
    `[Unit]\nConditionPathExists=|${MINION}\n[Service]\nExecStart=/usr/local/bin/kubelet\n`,
  );
  t.deepEqual(textsOf(roleGates, plan), [
    'kubelet.service: a role gate belongs in a drop-in, not in the unit file (system/kubelet.service:2)',
  ]);
});

test('two markers that would both have to be there', (t) => {
  const both = `[Unit]\nConditionPathExists=/etc/sysconfig/kubernetes-etcd\nConditionPathExists=${MASTER}\n`;
  t.deepEqual(textsOf(roleGates, withDropin(soundPlan(), 'etcd.service', GATE, both)), [
    'etcd.service: gated by several markers of which all would have to be there; each needs a `|`',
  ]);
});

test('a negated gate and a gate of another kind', (t) => {
  for (const gate of [`ConditionPathExists=!${MINION}`, `AssertPathExists=${MINION}`]) {
    const plan = withDropin(soundPlan(), 'kubelet.service', GATE, `[Unit]\n${gate}\n`);
    t.regex(textsOf(roleGates, plan).join(), /is no role gate/);
  }
});

test('a gate on a unit no role names', (t) => {
  const text = `[Unit]\nConditionPathExists=${MASTER}\n`;
  t.deepEqual(textsOf(roleGates, withDropin(soundPlan(), 'kube-role.service', GATE, text)), [
    `kube-role.service: gated by ${MASTER}; its roles say none`,
  ]);
  t.deepEqual(textsOf(roleGates, withUnit(soundPlan(), 'x.service', '[Service]\nExecStart=/bin/x\n')), []);
});

test('a unit nothing enables', (t) => {
  const plan = withoutFile(soundPlan(), '/etc/systemd/system/multi-user.target.wants/kubelet.service');
  t.deepEqual(textsOf(roleGates, plan), [
    'kubelet.service: a role names it, but nothing in the image enables it',
  ]);
});
