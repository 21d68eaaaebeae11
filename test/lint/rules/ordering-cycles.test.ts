import test from 'ava';
import { neverAfter, orderingCycles } from '../../../src/lint/rules/ordering-cycles.js';
import { soundPlan, textsOf, withDropin, withUnit } from '../faulty-plan.js';

const SERVICE = '[Service]\nExecStart=/usr/local/bin/etcd\n';

test('the real plan has no cycle', (t) => {
  t.deepEqual(textsOf(orderingCycles, soundPlan()), []);
  t.deepEqual(textsOf(neverAfter, soundPlan()), []);
});

test('two units after each other', (t) => {
  const one = withUnit(soundPlan(), 'one.service', `[Unit]\nAfter=two.service\n${SERVICE}`);
  const both = withUnit(one, 'two.service', `[Unit]\nAfter=one.service\n${SERVICE}`);
  t.deepEqual(textsOf(orderingCycles, both), [
    'one.service: ordering cycle: one.service after two.service after one.service',
  ]);
});

test('Before= closes a cycle as After= does', (t) => {
  const plan = withDropin(
    soundPlan(),
    'etcd.service',
    '50-wrong.conf',
    '[Unit]\nAfter=kube-apiserver.service\n',
  );
  t.regex(
    textsOf(orderingCycles, plan).join(),
    /etcd\.service after kube-apiserver\.service after etcd\.service/,
  );
});

test('waiting for the last stage of cloud-init is a cycle through multi-user.target, and forbidden by name', (t) => {
  const plan = withUnit(soundPlan(), 'late.service', `[Unit]\nAfter=cloud-final.service\n${SERVICE}`);
  t.regex(textsOf(orderingCycles, plan).join(), /cloud-final\.service after multi-user\.target/);
  t.regex(textsOf(neverAfter, plan).join(), /^late\.service: is ordered after cloud-final\.service/);
});

test('an early unit with default dependencies waits for what waits for it', (t) => {
  const early = `[Unit]\nBefore=sysinit.target\n${SERVICE}`;
  t.regex(
    textsOf(orderingCycles, withUnit(soundPlan(), 'early.service', early)).join(),
    /sysinit\.target after early\.service/,
  );
  const without = early.replace('[Unit]', '[Unit]\nDefaultDependencies=no');
  t.deepEqual(textsOf(orderingCycles, withUnit(soundPlan(), 'early.service', without)), []);
});

test('After=multi-user.target in a unit it pulls in is no cycle: systemd leaves its own order out', (t) => {
  const plan = withUnit(soundPlan(), 'late.service', `[Unit]\nAfter=multi-user.target\n${SERVICE}`);
  t.deepEqual(textsOf(orderingCycles, plan), []);
});
