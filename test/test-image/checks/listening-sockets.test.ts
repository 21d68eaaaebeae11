import test from 'ava';
import { checked, goodContext, problemsOf, startUnit } from './context.js';

test('a listener nobody planned', (t) => {
  const context = goodContext({ roles: [] });
  context.facts.sockets.push({ protocol: 'tcp', address: '0.0.0.0', port: 5355, process: 'systemd-resolve' });
  t.deepEqual(problemsOf(context, 'listening-sockets'), [
    'tcp/5355: expected no such listener, found systemd-resolve on 0.0.0.0: nothing in the ports table listens there',
  ]);
});

test('chrony serves time', (t) => {
  const context = goodContext({ roles: [] });
  context.facts.sockets.push({ protocol: 'udp', address: '0.0.0.0', port: 123, process: 'chronyd' });
  t.regex(problemsOf(context, 'listening-sockets').join(), /^udp\/123: .*chronyd/);
});

test('the commands of chrony, or the local resolver, open to the network', (t) => {
  for (const [process, port] of [
    ['chronyd', 323],
    ['systemd-resolve', 53],
  ] as const) {
    const context = goodContext({ roles: [] });
    context.facts.sockets.push({ protocol: 'udp', address: '::', port, process });
    t.regex(problemsOf(context, 'listening-sockets').join(), new RegExp(`^udp/${port}: .*${process} on ::`));
  }
});

test('a port of a role whose unit does not run here', (t) => {
  const context = goodContext({ roles: [] });
  context.facts.sockets.push({ protocol: 'tcp', address: '0.0.0.0', port: 10250, process: 'python3' });
  t.regex(
    problemsOf(context, 'listening-sockets').join(),
    /^tcp\/10250: .*python3 .*planned on 0\.0\.0\.0 for kubelet\.service/,
  );
});

test('a unit that runs and does not listen', (t) => {
  const context = goodContext({ roles: ['lb'] });
  context.facts.sockets = context.facts.sockets.filter(({ port }) => port !== 6443);
  t.regex(
    problemsOf(context, 'listening-sockets').join(),
    /^tcp\/6443: expected haproxy\.service to listen on 0\.0\.0\.0 .*found nothing$/,
  );
});

test('a service for the network that listens on loopback alone', (t) => {
  const context = goodContext({ roles: [] });
  context.facts.sockets = context.facts.sockets.filter(({ port }) => port !== 22);
  context.facts.sockets.push({ protocol: 'tcp', address: '127.0.0.1', port: 22, process: 'sshd' });
  t.regex(
    problemsOf(context, 'listening-sockets').join(),
    /^tcp\/22: expected ssh\.service .*only 127\.0\.0\.1$/,
  );
});

test('ssh goes by the name the OS gives its unit', (t) => {
  const context = goodContext({ os: 'rocky9', roles: [] });
  context.facts.sockets = context.facts.sockets.filter(({ port }) => port !== 22);
  t.regex(problemsOf(context, 'listening-sockets').join(), /^tcp\/22: expected ssh\.service/);
});

test('a local port that is open to the network', (t) => {
  const context = goodContext({ roles: ['etcd'] });
  startUnit(context, 'etcd.service');
  const tcp = { protocol: 'tcp', process: 'etcd' } as const;
  const listening = [
    { ...tcp, address: '127.0.0.1', port: 2379 },
    { ...tcp, address: '10.0.2.15', port: 2379 },
    { ...tcp, address: '10.0.2.15', port: 2380 },
    { ...tcp, address: '127.0.0.1', port: 2381 },
  ];
  context.facts.sockets.push(...listening);
  t.deepEqual(problemsOf(context, 'listening-sockets'), []);
  context.facts.sockets.push({ ...tcp, address: '*', port: 2381 });
  t.regex(
    problemsOf(context, 'listening-sockets').join(),
    /^tcp\/2381: .*etcd on \*: it is planned on 127\.0\.0\.1 for etcd\.service/,
  );
});

test("containerd's stream port may be any, on loopback alone", (t) => {
  const context = goodContext({ roles: ['minion'] });
  t.is(checked(context, 'listening-sockets').status, 'passed');
  context.facts.sockets.push({ protocol: 'tcp', address: '10.0.2.15', port: 40_000, process: 'containerd' });
  t.regex(problemsOf(context, 'listening-sockets').join(), /^tcp\/40000: .*containerd on 10\.0\.2\.15/);
});
