import test from 'ava';
import { createGate } from '../../../src/gate/gate.js';
import { SMOKE_CHECKS } from '../../../src/launch/smoke/checks/index.js';
import { createFakeCluster } from './fake-cluster.js';
import { outcome, run, SHORT_LIMIT, shortened } from './run-on-fake-cluster.js';

test('every check follows what it needs', (t) => {
  const names = SMOKE_CHECKS.map(({ name }) => name);
  t.is(new Set(names).size, names.length);
  for (const { name, needs } of SMOKE_CHECKS) {
    for (const need of needs)
      t.true(names.includes(need) && names.indexOf(need) < names.indexOf(name), `${name} needs ${need}`);
  }
});

test('on one node: everything passes that one node can show, the rest is skipped and says why', async (t) => {
  const cluster = createFakeCluster();
  const report = await run(cluster);
  t.is(report.outcome, 'passed', JSON.stringify(report.checks, null, 2));
  t.deepEqual(report.counts, { passed: 11, failed: 0, skipped: 4 });
  t.is(report.kubernetes, 'v1.20.2');
  t.deepEqual(
    report.checks.filter(({ outcome }) => outcome === 'skipped').map(({ name, message }) => [name, message]),
    [
      ['across-nodes', '1 node takes pods; this needs two'],
      ['node-port', 'nothing here reaches the nodes’ network from outside'],
      ['dns', 'the cluster has no DNS of its own: no CoreDNS is baked into this image'],
      ['drain', '1 node takes pods; this needs two'],
    ],
  );
});

test('on two nodes: the pods of the test alone are drained, and the port of each node is asked from outside', async (t) => {
  const cluster = createFakeCluster({ nodes: 2 });
  const asked: string[] = [];
  const reach = async (url: string) => {
    asked.push(url);
    return 'web-a\n';
  };
  const report = await run(cluster, { reach });
  t.is(report.outcome, 'passed', JSON.stringify(report.checks, null, 2));
  t.deepEqual(asked, ['http://10.89.0.11:30080/', 'http://10.89.0.12:30080/']);
  t.deepEqual(report.counts, { passed: 14, failed: 0, skipped: 1 });
  const changes = cluster.calls().filter((call) => /^(label|drain|uncordon|delete|apply)/.test(call));
  t.deepEqual(changes, [
    'apply --filename=-',
    'delete pod web-a --namespace=kiln-smoke',
    'label node minion-2 kiln-smoke/drained=true --overwrite',
    'drain minion-2 --pod-selector=app.kubernetes.io/part-of=kiln-smoke --ignore-daemonsets --delete-emptydir-data',
    'delete namespace kiln-smoke --ignore-not-found',
  ]);
});

test('a cluster with DNS must know the service under the domain its pods search', async (t) => {
  const cluster = createFakeCluster();
  cluster.answer(
    '"get service kube-dns"*',
    `echo '{"metadata":{"name":"kube-dns"},"spec":{"clusterIP":"10.96.0.10"}}'`,
  );
  cluster.answer('*resolv.conf', "echo 'search kiln-smoke.svc.example.org svc.example.org example.org'");
  const answer = (address: string): string =>
    `printf 'Server:\\t\\t10.96.0.10\\nAddress:\\t10.96.0.10:53\\n\\nName:\\tweb.kiln-smoke.svc.example.org\\nAddress: ${address}\\n'`;
  cluster.answer(`*"nslookup -type=a web.kiln-smoke.svc.example.org 10.96.0.10"`, answer('10.96.0.7'));
  const right = await run(cluster);
  t.is(
    right.checks.find(({ name }) => name === 'dns')?.message,
    'web.kiln-smoke.svc.example.org is 10.96.0.7',
  );
  const other = createFakeCluster();
  other.answer(
    '"get service kube-dns"*',
    `echo '{"metadata":{"name":"kube-dns"},"spec":{"clusterIP":"10.96.0.10"}}'`,
  );
  other.answer('*resolv.conf', "echo 'search kiln-smoke.svc.example.org'");
  other.answer('*nslookup*', answer('10.96.0.10'));
  t.is(outcome(await run(other, { checks: shortened('dns') }), 'dns'), 'failed');
});

test('what these machines cannot do is skipped with the reason, and a killed pod is still seen replaced', async (t) => {
  const cannot = { service: 'no tables', 'node-port': 'no tables' };
  const cluster = createFakeCluster({ nodes: 2 });
  const report = await run(cluster, { cannot, reach: async () => 'never asked' });
  t.is(report.checks.find(({ name }) => name === 'service')?.message, 'no tables');
  t.is(outcome(report, 'node-port'), 'skipped');
  t.is(outcome(report, 'replace'), 'passed');
  t.is(outcome(report, 'drain'), 'passed');
  t.false(cluster.calls().some((call) => call.includes('10.96.0.7')));
});

test('what needs a failed check is not done, what does not is, and the namespace goes', async (t) => {
  const cluster = createFakeCluster();
  cluster.answer('*hostname', 'echo cannot >&2; exit 1');
  const report = await run(cluster, { checks: shortened('exec') });
  t.is(report.outcome, 'failed');
  t.is(outcome(report, 'logs'), 'passed');
  t.is(outcome(report, 'exec'), 'failed');
  t.is(outcome(report, 'service'), 'skipped');
  t.is(report.checks.find(({ name }) => name === 'service')?.message, 'not done: exec failed');
  const exec = report.checks.find(({ name }) => name === 'exec');
  t.regex(
    exec?.message ?? '',
    /Could not run cat \/proc\/sys\/kernel\/hostname in the pod client: .* ended with status 1\n {2}\| cannot/,
  );
  t.truthy(exec?.hint);
  t.is(cluster.calls().at(-1), 'delete namespace kiln-smoke --ignore-not-found');
});

test('a call that hangs is ended when the check’s time is over', async (t) => {
  const cluster = createFakeCluster();
  cluster.answer('"get --raw=/readyz"', 'exec sleep 60');
  const report = await run(cluster, { checks: shortened('api') });
  t.is(outcome(report, 'api'), 'failed');
  t.true(report.seconds < 30);
  t.is(report.checks.find(({ name }) => name === 'api')?.limit, SHORT_LIMIT);
  t.deepEqual(
    cluster.calls().filter((call) => call.startsWith('delete') || call.startsWith('apply')),
    [],
    'a cluster that never answered is not tidied',
  );
});

test('an image that is not on the node is no reason to wait', async (t) => {
  const cluster = createFakeCluster();
  const waiting = { reason: 'ErrImageNeverPull', message: 'Container image is not present' };
  const pod = {
    metadata: { name: 'web-a' },
    spec: {},
    status: { containerStatuses: [{ state: { waiting } }] },
  };
  cluster.answer('*selector=app=web*', `echo '${JSON.stringify({ items: [pod, pod] })}'`);
  const report = await run(cluster);
  t.is(outcome(report, 'deploy'), 'failed');
  t.regex(
    report.checks.find(({ name }) => name === 'deploy')?.message ?? '',
    /^web-a: ErrImageNeverPull: Container image is not present/,
  );
  t.is(outcome(report, 'tidy'), 'passed');
});

test('without an image nothing is put into the cluster, and the test does not count as passed', async (t) => {
  const cluster = createFakeCluster();
  const report = await run(cluster, { image: undefined });
  t.is(report.outcome, 'incomplete');
  t.is(
    report.checks.find(({ name }) => name === 'deploy')?.message,
    'no image for its pods is baked, and none was given',
  );
  t.false(cluster.calls().some((call) => call.startsWith('apply')));
});

test('patience stretches every limit, and the report tells it', async (t) => {
  const report = await run(createFakeCluster(), { patience: 3 });
  for (const { name, limit } of SMOKE_CHECKS)
    t.is(report.checks.find((check) => check.name === name)?.limit, limit * 3);
});

test('a node that was named but never joined fails', async (t) => {
  const report = await run(createFakeCluster(), {
    nodes: ['minion-1', 'minion-2'],
    checks: shortened('nodes'),
  });
  t.is(report.checks.find(({ name }) => name === 'nodes')?.message, 'minion-2 never joined the cluster');
});

test('somebody else’s namespace of that name is left alone', async (t) => {
  const cluster = createFakeCluster();
  cluster.answer('"get namespace"*', `echo '{"metadata":{"name":"kiln-smoke"}}'`);
  const report = await run(cluster);
  t.is(outcome(report, 'deploy'), 'failed');
  t.false(cluster.calls().some((call) => call.startsWith('delete') || call.startsWith('apply')));
});

test('what a killed run left is undone first', async (t) => {
  const cluster = createFakeCluster();
  cluster.answer('"get nodes --selector=kiln-smoke/drained"*', 'echo node/minion-1');
  t.is((await run(cluster)).outcome, 'passed');
  const calls = cluster.calls();
  const first = calls.indexOf('uncordon minion-1');
  t.true(first >= 0 && first < calls.findIndex((call) => call.startsWith('apply')));
  t.is(calls[first + 1], 'label node minion-1 kiln-smoke/drained-');
});

test('a dry run asks the cluster nothing and lists the checks', async (t) => {
  const cluster = createFakeCluster();
  const gate = createGate({ dryRun: true });
  const report = await run(cluster, { gate });
  t.deepEqual(cluster.calls(), []);
  t.deepEqual(
    gate.actions.map(({ target }) => target),
    SMOKE_CHECKS.map(({ name }) => name),
  );
  t.is(report.outcome, 'incomplete');
});
