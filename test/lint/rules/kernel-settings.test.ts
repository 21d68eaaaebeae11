import test from 'ava';
import { moduleFiles, sysctlFiles } from '../../../src/lint/rules/kernel-settings.js';
import { soundPlan, textsOf, withFile } from '../faulty-plan.js';

const FILE = '/etc/sysctl.d/99-zz-test.conf';

test('the real plans’ files are right, for the oldest systemd too', (t) => {
  for (const os of ['debian12', 'centos7', 'rocky10']) {
    t.deepEqual(textsOf(sysctlFiles, soundPlan(os)), []);
    t.deepEqual(textsOf(moduleFiles, soundPlan(os)), []);
  }
});

test('a file that /etc/sysctl.conf would override', (t) => {
  const plan = withFile(soundPlan(), '/etc/sysctl.d/99-kubernetes.conf', 'vm.panic_on_oom = 0\n');
  t.deepEqual(textsOf(sysctlFiles, plan), [
    '/etc/sysctl.d/99-kubernetes.conf: sorts before 99-sysctl.conf, which would override it',
  ]);
});

test('globs and dashes where systemd fails on them', (t) => {
  const plan = withFile(soundPlan('centos7'), FILE, 'net.ipv4.conf.*.rp_filter = 0\n-net.ipv4.x = 1\n');
  t.deepEqual(textsOf(sysctlFiles, plan), [
    `${FILE}: "net.ipv4.conf.*.rp_filter = 0": a glob needs systemd 245, this OS has 219`,
    `${FILE}: "-net.ipv4.x = 1": a leading - needs systemd 243, this OS has 219`,
  ]);
  t.deepEqual(textsOf(sysctlFiles, withFile(soundPlan(), FILE, 'net.ipv4.conf.*.log_martians = 0\n')), []);
});

test('a line that assigns nothing, and a value that is not the expected one', (t) => {
  t.deepEqual(textsOf(sysctlFiles, withFile(soundPlan(), FILE, 'net.ipv4.ip_forward\n')), [
    `${FILE}: "net.ipv4.ip_forward" is no assignment`,
  ]);
  t.deepEqual(textsOf(sysctlFiles, withFile(soundPlan(), FILE, 'net.ipv4.ip_forward = 0\n')), [
    'net.ipv4.ip_forward: expected to be 1, but the files say 0',
  ]);
});

test('modules: a line with options, and an expected one nobody lists', (t) => {
  const file = '/etc/modules-load.d/kiln.conf';
  const problems = textsOf(moduleFiles, withFile(soundPlan(), file, 'overlay\nbr_netfilter nf=1\n'));
  t.true(problems.includes(`${file}: "br_netfilter nf=1" is no module name`));
  t.true(problems.includes('br_netfilter: expected to be loaded, but no file lists it'));
});
