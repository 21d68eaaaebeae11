import test from 'ava';
import { conditionPaths, environmentFiles, execPrograms } from '../../../src/lint/rules/paths.js';
import { soundPlan, textsOf, withDropin, withFile } from '../faulty-plan.js';

const changed = (unit: string, text: string) => withDropin(soundPlan(), unit, '50-test.conf', text);

test('the real plan’s paths are all made by something', (t) => {
  for (const rule of [conditionPaths, environmentFiles, execPrograms])
    t.deepEqual(textsOf(rule, soundPlan()), []);
});

test('a condition on a path nothing writes', (t) => {
  t.deepEqual(
    textsOf(conditionPaths, changed('kubelet.service', '[Unit]\nConditionPathExists=|/etc/nobody\n')),
    ['kubelet.service: nothing makes /etc/nobody (kubelet.service.d/50-test.conf:2)'],
  );
  t.deepEqual(
    textsOf(conditionPaths, changed('kubelet.service', '[Unit]\nConditionPathExists=!/etc/nobody\n')),
    [],
  );
  t.deepEqual(
    textsOf(conditionPaths, changed('kubelet.service', '[Unit]\nConditionFileNotEmpty=/etc/crictl.yaml\n')),
    [],
  );
});

test('a condition on a path made by a unit that may run later', (t) => {
  const text = '[Unit]\nConditionPathExists=/run/kubernetes/identity\n';
  t.deepEqual(textsOf(conditionPaths, changed('containerd.service', text)), [
    'containerd.service: /run/kubernetes/identity is made by kube-identity.service, but the unit is not ordered after it (containerd.service.d/50-test.conf:2)',
  ]);
  t.deepEqual(
    textsOf(conditionPaths, changed('containerd.service', `${text}After=kube-identity.service\n`)),
    [],
  );
});

test('an EnvironmentFile that is not there', (t) => {
  const text = (file: string) => `[Service]\nEnvironmentFile=${file}\n`;
  t.deepEqual(textsOf(environmentFiles, changed('kubelet.service', text('/etc/none.env'))), [
    'kubelet.service: nothing makes /etc/none.env (kubelet.service.d/50-test.conf:2)',
  ]);
  t.deepEqual(textsOf(environmentFiles, changed('kubelet.service', text('-/etc/none.env'))), []);
  t.regex(
    textsOf(environmentFiles, changed('kiln-host-keys.service', text('/run/kubernetes/node.env'))).join(),
    /not ordered after it/,
  );
});

test('a program nothing brings, one that cannot be run, one without a path', (t) => {
  const text = (program: string) => `[Service]\nExecStartPre=-${program} --flag\n`;
  t.deepEqual(textsOf(execPrograms, changed('kubelet.service', text('/usr/bin/nothing'))), [
    'kubelet.service: nothing puts /usr/bin/nothing there (kubelet.service.d/50-test.conf:2)',
  ]);
  t.regex(
    textsOf(execPrograms, changed('kubelet.service', text('modprobe'))).join(),
    /"modprobe" is no absolute path/,
  );
  const file = withFile(
    changed('kubelet.service', text('/usr/libexec/x')),
    '/usr/libexec/x',
    '#!/bin/sh\n',
    '0644',
  );
  t.regex(textsOf(execPrograms, file).join(), /\/usr\/libexec\/x is not executable/);
  t.deepEqual(textsOf(execPrograms, withFile(file, '/usr/libexec/x', '#!/bin/sh\n', '0755')), []);
});

test('a program whose package is not planned', (t) => {
  const plan = changed('kubelet.service', '[Service]\nExecStartPre=/usr/sbin/haproxy -c\n');
  t.deepEqual(textsOf(execPrograms, plan), []);
  const without = { ...plan, packages: plan.packages.filter((name) => name !== 'haproxy') };
  t.regex(textsOf(execPrograms, without).join(), /comes with the package haproxy, which is not planned/);
});
