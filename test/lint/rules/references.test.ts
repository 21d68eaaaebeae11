import test from 'ava';
import { bindsToGated, unitReferences } from '../../../src/lint/rules/references.js';
import { soundPlan, textsOf, withDropin } from '../faulty-plan.js';

const dropin = (os: string, text: string) =>
  withDropin(soundPlan(os), 'kubelet.service', '50-test.conf', `[Unit]\n${text}\n`);

test('the real plans name no unknown unit', (t) => {
  for (const os of ['debian12', 'centos7']) {
    t.deepEqual(textsOf(unitReferences, soundPlan(os)), []);
    t.deepEqual(textsOf(bindsToGated, soundPlan(os)), []);
  }
});

test('a misspelt unit is named', (t) => {
  t.deepEqual(textsOf(unitReferences, dropin('debian12', 'After=contianerd.service')), [
    'kubelet.service: After=contianerd.service names a unit that neither the plan nor a distribution has',
  ]);
});

test('a unit of another distribution may be ordered on, but not needed', (t) => {
  t.deepEqual(textsOf(unitReferences, dropin('debian12', 'After=sshd-keygen.target')), []);
  t.deepEqual(textsOf(unitReferences, dropin('debian12', 'Requires=sshd-keygen.target')), [
    'kubelet.service: Requires=sshd-keygen.target, but this OS has no such unit',
  ]);
  t.deepEqual(textsOf(unitReferences, dropin('rocky9', 'Requires=sshd-keygen.target')), []);
});

test('an instance of a known template is known', (t) => {
  t.deepEqual(textsOf(unitReferences, dropin('debian12', 'After=serial-getty@ttyS0.service')), []);
});

test('binding to a unit a role may hold back', (t) => {
  for (const key of ['BindsTo', 'Requisite']) {
    t.deepEqual(textsOf(bindsToGated, dropin('debian12', `${key}=containerd.service`)), [
      `kubelet.service: ${key}=containerd.service fails where containerd.service is skipped; use Wants= and After=`,
    ]);
  }
});
