import test from 'ava';
import { sysctlsInForce } from '../../../src/plan/sysctls-in-force.js';
import { checked, goodContext, problemsOf } from './context.js';

test('a sysctl that another file set again', (t) => {
  const context = goodContext();
  context.facts.sysctls['net.ipv4.ip_forward'] = '0';
  t.deepEqual(problemsOf(context, 'sysctls'), ['net.ipv4.ip_forward: expected 1, found 0']);
});

test('a sysctl the kernel does not have', (t) => {
  const context = goodContext();
  delete context.facts.sysctls['net.bridge.bridge-nf-call-iptables'];
  t.regex(problemsOf(context, 'sysctls').join(), /^net\.bridge\.bridge-nf-call-iptables: .*no such key/);
});

test('white space of the kernel is no difference', (t) => {
  const context = goodContext();
  context.plan.expected.sysctls['net.ipv4.tcp_rmem'] = '4096 131072 6291456';
  context.facts.sysctls['net.ipv4.tcp_rmem'] = '4096\t131072\t6291456';
  t.deepEqual(problemsOf(context, 'sysctls'), []);
});

test('a load balancer has keys of its own, which other nodes need not have', (t) => {
  const context = goodContext({ roles: ['lb'] });
  context.facts.sysctls['net.ipv4.ip_nonlocal_bind'] = '0';
  t.deepEqual(problemsOf(context, 'sysctls'), ['net.ipv4.ip_nonlocal_bind: expected 1, found 0']);
  const minion = goodContext({ roles: ['minion'] });
  minion.facts.sysctls['net.ipv4.ip_nonlocal_bind'] = '0';
  t.deepEqual(problemsOf(minion, 'sysctls'), []);
  t.is(sysctlsInForce(minion.plan)['net.ipv4.ip_nonlocal_bind'], '1');
});

test('user-mode Linux lacks keys and modules: noted, not passed, not failed', (t) => {
  const context = { ...goodContext(), rig: 'uml' as const };
  delete context.facts.sysctls['net.bridge.bridge-nf-call-iptables'];
  context.facts.modules = context.facts.modules.filter((name) => name !== 'br_netfilter');
  for (const name of ['sysctls', 'modules']) {
    const { status, notes } = checked(context, name);
    t.is(status, 'passed');
    t.is(notes?.length, 1);
  }
  const full = goodContext();
  t.is(checked(context, 'modules').examined, checked(full, 'modules').examined - 1);
  context.facts.sysctls = {};
  context.facts.modules = [];
  t.is(checked(context, 'sysctls').status, 'skipped');
  t.is(checked(context, 'modules').status, 'skipped');
});

test('on user-mode Linux a value that is there must still be right', (t) => {
  const context = { ...goodContext(), rig: 'uml' as const };
  context.facts.sysctls['vm.overcommit_memory'] = '0';
  t.deepEqual(problemsOf(context, 'sysctls'), ['vm.overcommit_memory: expected 1, found 0']);
});

test('a module that is not loaded', (t) => {
  const context = goodContext();
  context.facts.modules = context.facts.modules.filter((name) => name !== 'br_netfilter');
  t.regex(problemsOf(context, 'modules').join(), /^br_netfilter: expected it loaded or built into/);
});

test('dashes and underscores in the name of a module are the same', (t) => {
  const context = goodContext();
  context.plan.expected.modules = ['br-netfilter'];
  t.deepEqual(problemsOf(context, 'modules'), []);
});
