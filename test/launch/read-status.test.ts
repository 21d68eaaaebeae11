import { createPrivateKey } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import test from 'ava';
import { createGate } from '../../src/gate/gate.js';
import { createIdentity } from '../../src/identity/create-identity.js';
import { createKeyPair, KEY_ALGORITHM, SIGNATURE_ALGORITHM } from '../../src/identity/create-key-pair.js';
import { loadX509 } from '../../src/identity/load-x509.js';
import { clusterFiles } from '../../src/launch/cluster-files.js';
import { etcdHealth, failedUnits } from '../../src/launch/machine-probe.js';
import { type MachineProbe, readStatus } from '../../src/launch/read-status.js';
import type { Cluster } from '../../src/launch/types.js';
import { waitForCluster } from '../../src/launch/wait-for-cluster.js';
import { writeKubeconfig } from '../../src/launch/write-kubeconfig.js';
import { silentProgress } from '../../src/progress.js';
import { aCluster } from './a-cluster.js';

process.env.XDG_STATE_HOME = mkdtempSync(path.join(tmpdir(), 'kiln-status-'));

const identity = await createIdentity({ cluster: 'demo' });

const probe: MachineProbe = {
  machine: async () => ({ state: 'running', reason: null }),
  services: async () => ({ etcd: 'healthy', failedUnits: [] }),
};

/** An API server as far as a status needs it: it asks for a certificate of this cluster and answers these paths. */
async function serve(
  answers: Record<string, { status: number; body: string }>,
  authority = identity,
): Promise<{ server: Server; port: number; callers: string[] }> {
  const { certificate, key } = await serverCertificate(authority);
  const callers: string[] = [];
  const options = { cert: certificate, key, ca: identity['kubernetes.crt'], requestCert: true };
  const server = createServer({ ...options, rejectUnauthorized: true }, (request, response) => {
    callers.push(String((request.socket as TLSSocket).getPeerCertificate().subject.CN));
    const { status, body } = answers[request.url ?? ''] ?? { status: 404, body: '' };
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port, callers };
}

async function serverCertificate(authority: typeof identity) {
  const x509 = await loadX509();
  const { keys, privatePem } = await createKeyPair();
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=kube-apiserver',
    issuer: new x509.X509Certificate(authority['kubernetes.crt'] ?? '').subjectName,
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 3_600_000),
    publicKey: keys.publicKey,
    signingKey: createPrivateKey(authority['kubernetes.key'] ?? '').toCryptoKey(KEY_ALGORITHM, false, [
      'sign',
    ]),
    signingAlgorithm: SIGNATURE_ALGORITHM,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  });
  return { certificate: certificate.toString('pem'), key: privatePem };
}

/** A cluster of this name on this port, with its kubeconfig in place. */
async function launched(name: string, apiPort: number): Promise<Cluster> {
  const cluster = aCluster([['master'], ['minion'], ['minion'], ['minion']], {
    name,
    network: { namespace: `kiln-${name}`, apiPort },
  });
  await writeKubeconfig({ gate: createGate({}), cluster, identity, file: clusterFiles(name).kubeconfig });
  return cluster;
}

const HEARD = '2026-01-01T00:05:00Z';

function kubernetesNode(name: string, ready: boolean) {
  const status = ready ? 'True' : 'False';
  return {
    metadata: { name },
    status: {
      conditions: [
        { type: 'MemoryPressure', status: 'False', lastHeartbeatTime: '2026-01-01T00:00:00Z' },
        {
          type: 'Ready',
          status,
          message: ready ? 'fine' : 'network not ready',
          lastHeartbeatTime: HEARD,
        },
      ],
      nodeInfo: { kubeletVersion: 'v1.20.2' },
    },
  };
}

test('what the API says of itself and its nodes, asked as the administrator', async (t) => {
  const items = [kubernetesNode('minion-2', true), kubernetesNode('minion-3', false)];
  const { server, port, callers } = await serve({
    '/readyz?verbose': { status: 200, body: 'ok' },
    '/api/v1/nodes': { status: 200, body: JSON.stringify({ items }) },
  });
  const status = await readStatus({ cluster: await launched('ready', port), probe });
  server.close();
  t.deepEqual(status.api, { state: 'ready', detail: null, server: `https://127.0.0.1:${port}` });
  t.deepEqual(
    status.nodes.map(({ name, kubernetes, etcd }) => [
      name,
      kubernetes.state,
      kubernetes.version,
      kubernetes.reason,
      etcd,
    ]),
    [
      ['master-1', 'not a node', null, null, 'healthy'],
      ['minion-2', 'Ready', 'v1.20.2', null, null],
      ['minion-3', 'NotReady', 'v1.20.2', 'network not ready', null],
      ['minion-4', 'not registered', null, null, null],
    ],
  );
  t.deepEqual(
    status.nodes.map(({ kubernetes }) => kubernetes.heard),
    [null, HEARD, HEARD, null],
  );
  t.deepEqual([...new Set(callers)], ['kiln:administrator']);
});

test('a wait does not take the Ready from before a restart for one', async (t) => {
  const items = [kubernetesNode('minion-2', true)];
  const { server, port } = await serve({
    '/readyz?verbose': { status: 200, body: 'ok' },
    '/api/v1/nodes': { status: 200, body: JSON.stringify({ items }) },
  });
  const cluster = await launched('restarted', port);
  const wait = (started: string) =>
    waitForCluster({
      cluster,
      names: ['minion-2'],
      since: new Map([['minion-2', Date.parse(started)]]),
      probe,
      progress: silentProgress,
      signal: new AbortController().signal,
      limit: -1,
    });
  await t.throwsAsync(wait('2026-01-01T01:00:00Z'), {
    code: 'LAUNCH_FAILED',
    message: /minion-2: not heard of/,
  });
  t.is((await wait('2026-01-01T00:04:00Z')).nodes[1]?.kubernetes.state, 'Ready');
  server.close();
});

test('a wait that ends without success names the units that failed, on other nodes too', async (t) => {
  const { server, port } = await serve({
    '/readyz?verbose': { status: 200, body: 'ok' },
    '/api/v1/nodes': { status: 200, body: '{"items":[]}' },
  });
  const failing: MachineProbe = {
    ...probe,
    services: async ({ roles }) => ({
      etcd: 'healthy',
      failedUnits: roles.includes('master') ? ['kube-addons.service'] : [],
    }),
  };
  const wait = waitForCluster({
    cluster: await launched('addonless', port),
    names: ['minion-2'],
    since: new Map(),
    probe: failing,
    progress: silentProgress,
    signal: new AbortController().signal,
    limit: -1,
  });
  await t.throwsAsync(wait, {
    code: 'LAUNCH_FAILED',
    message: /minion-2: not registered\n {2}master-1: kube-addons\.service failed$/,
  });
  server.close();
});

test('an API that is not ready names what fails', async (t) => {
  const body = '[+]ping ok\n[-]etcd failed: reason withheld\n[-]poststarthook/rbac failed: reason withheld\n';
  const { server, port } = await serve({ '/readyz?verbose': { status: 500, body } });
  const { api, nodes } = await readStatus({ cluster: await launched('starting', port), probe });
  server.close();
  t.deepEqual([api.state, api.detail], ['not ready', 'etcd, poststarthook/rbac']);
  t.is(nodes[1]?.kubernetes.state, 'unknown');
});

test('an API that serves before the administrator has permissions', async (t) => {
  const { server, port } = await serve({ '/readyz?verbose': { status: 403, body: '{"kind":"Status"}' } });
  const { api } = await readStatus({ cluster: await launched('early', port), probe });
  server.close();
  t.is(api.state, 'not ready');
  t.regex(api.detail ?? '', /permissions/);
});

test('a server of another authority is not believed', async (t) => {
  const stranger = await createIdentity({ cluster: 'demo' });
  const { server, port } = await serve({ '/readyz?verbose': { status: 200, body: 'ok' } }, stranger);
  const { api } = await readStatus({ cluster: await launched('stranger', port), probe });
  server.close();
  t.is(api.state, 'unreachable');
  t.regex(api.detail ?? '', /self.signed|certificate|issuer|signature/i);
});

test('nothing there: a state, no error', async (t) => {
  const { server, port } = await serve({});
  await new Promise((resolve) => server.close(resolve));
  const { api, nodes } = await readStatus({ cluster: await launched('down', port), probe });
  t.deepEqual([api.state, api.detail], ['unreachable', 'connection refused']);
  t.deepEqual(
    nodes.map(({ kubernetes }) => kubernetes.state),
    ['not a node', 'unknown', 'unknown', 'unknown'],
  );
});

test('without a kubeconfig the machines are still told', async (t) => {
  const cluster = aCluster([['master']], { name: 'keyless' });
  const stopped: MachineProbe = { ...probe, machine: async () => ({ state: 'stopped', reason: null }) };
  const { api, nodes } = await readStatus({ cluster, probe: stopped });
  t.regex(api.detail ?? '', /launch kubeconfig/);
  t.deepEqual([nodes[0]?.machine.state, nodes[0]?.etcd, nodes[0]?.failedUnits], ['stopped', 'unknown', null]);
});

test('health as etcd tells it', (t) => {
  t.is(etcdHealth('HTTP/1.0 200 OK\r\n\r\n{"health":"true"}'), 'healthy');
  t.is(
    etcdHealth('HTTP/1.0 503 Service Unavailable\r\n\r\n{"health":"false","reason":"QGET ERROR"}'),
    'unhealthy',
  );
  t.is(etcdHealth('refused\n'), 'unhealthy');
  t.is(etcdHealth(''), 'unknown');
});

test('units that failed, as the versions of systemd list them', (t) => {
  const lines = [
    'kube-addons.service loaded failed failed Addons of the cluster',
    '● var-lib-etcd.mount          loaded failed     failed  /var/lib/etcd',
    'gone.service not-found failed failed gone.service',
    'HTTP/1.0 503 Service Unavailable',
    '{"health":"false","reason":"it failed failed"}',
  ];
  t.deepEqual(failedUnits(lines.join('\n')), ['kube-addons.service', 'var-lib-etcd.mount', 'gone.service']);
  t.deepEqual(failedUnits('refused\n'), []);
});
