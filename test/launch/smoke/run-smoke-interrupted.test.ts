import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { createGate } from '../../../src/gate/gate.js';
import type { SmokeCheck } from '../../../src/launch/smoke/check.js';
import { createFakeCluster } from './fake-cluster.js';
import { outcome, run } from './run-on-fake-cluster.js';

test('an interrupt stops the running check and still deletes the namespace', async (t) => {
  const cluster = createFakeCluster();
  const controller = new AbortController();
  cluster.answer('logs*', 'exec sleep 60');
  const running = run(cluster, { gate: createGate({ signal: controller.signal }) });
  while (!cluster.calls().some((call) => call.startsWith('logs'))) await sleep(20);
  controller.abort();
  await t.throwsAsync(running, { code: 'INTERRUPTED' });
  t.is(cluster.calls().at(-1), 'delete namespace kiln-smoke --ignore-not-found');
});

test('an interrupt while it tidies up does not stop that', async (t) => {
  const cluster = createFakeCluster();
  const controller = new AbortController();
  const failing: SmokeCheck = {
    name: 'deploy',
    title: '',
    limit: 60,
    needs: [],
    hint: '',
    run: async () => 'made',
  };
  cluster.answer(
    '"get nodes --selector"*',
    `[ -e ${cluster.kubectl}.once ] || { : > ${cluster.kubectl}.once; exec sleep 60; }`,
  );
  const running = run(cluster, { gate: createGate({ signal: controller.signal }), checks: [failing] });
  while (cluster.calls().length === 0) await sleep(20);
  controller.abort();
  const report = await running;
  t.is(outcome(report, 'tidy'), 'passed');
});
