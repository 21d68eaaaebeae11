import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import path from 'node:path';
import test from 'ava';
import { load } from 'js-yaml';
import { loadIdentityCatalog } from '../../src/catalog/identity.js';
import { adminKubeconfig } from '../../src/identity/admin-kubeconfig.js';
import { createIdentity } from '../../src/identity/create-identity.js';
import { describe, run, writeAll } from './helpers.js';

const server = 'https://127.0.0.1:16443';
const identity = await createIdentity({ cluster: 'demo' });
const { administrator, authorities } = loadIdentityCatalog();
const DAY = 86_400_000;

test('openssl verifies the certificate as a client of the cluster, and of no other authority', async (t) => {
  const { certificate, key, authority } = credentials(await kubeconfig());
  t.is(authority, identity['kubernetes.crt'] ?? '');
  const folder = writeAll({ 'client.crt': certificate, 'client.key': key, ...identity });
  const client = path.join(folder, 'client.crt');
  const verify = (name: string) => [
    ...['verify', '-x509_strict', '-purpose', 'sslclient'],
    ...['-CAfile', path.join(folder, `${name}.crt`), client],
  ];
  t.regex(run('openssl', ...verify('kubernetes')), /: OK/);
  t.not(spawnSync('openssl', verify('front-proxy')).status, 0);
  const publicKey = run('openssl', 'pkey', '-in', path.join(folder, 'client.key'), '-pubout');
  t.is(run('openssl', 'x509', '-in', client, '-noout', '-pubkey'), publicKey);
});

test('the certificate is a leaf for clients only, with the name and group of the catalog', async (t) => {
  const text = describe(credentials(await kubeconfig()).certificate);
  const { commonName, organization } = administrator;
  t.regex(text, new RegExp(`Subject: CN=${commonName},O=${organization}\n`));
  t.regex(text, /Basic Constraints: critical\n\s+CA:FALSE\n/);
  t.regex(text, /Key Usage: critical\n\s+Digital Signature\n/);
  t.regex(text, /Extended Key Usage: \n\s+TLS Web Client Authentication\n/);
  const issuer = describe(identity['kubernetes.crt'] ?? '');
  t.is(
    /Authority Key Identifier: \n\s+(?:keyid:)?(\S+)/.exec(text)?.[1],
    /Subject Key Identifier: \n\s+(\S+)/.exec(issuer)?.[1],
  );
});

test('kubectl reads it', async (t) => {
  const folder = writeAll({ config: await kubeconfig() });
  const { error, stdout, stderr } = spawnSync(
    'kubectl',
    ['config', 'view', '--minify', '--raw', '-o', 'json', '--kubeconfig', path.join(folder, 'config')],
    { encoding: 'utf8' },
  );
  if (error !== undefined) {
    t.log('kubectl is not installed: only the text was looked at');
    t.regex(await kubeconfig(), /^kind: Config$/m);
    return;
  }
  t.is(stderr, '');
  const view = JSON.parse(stdout) as Kubeconfig;
  t.is(view['current-context'], 'demo');
  t.is(view.clusters[0]?.cluster.server, server);
  t.is(view.users[0]?.name, 'demo-administrator');
});

test('another call issues another certificate, valid for the days of the catalog', async (t) => {
  const now = new Date('2027-01-01T00:00:00Z');
  const first = credentials(await kubeconfig(now)).certificate;
  t.not(credentials(await kubeconfig(now)).certificate, first);
  const { validFromDate, validToDate } = new X509Certificate(first);
  t.is((validToDate.getTime() - now.getTime()) / DAY, administrator.days);
  t.true(validFromDate < now);
});

test('it ends with its authority at the latest, and is not issued after that', async (t) => {
  const end = new X509Certificate(identity['kubernetes.crt'] ?? '').validToDate;
  const soon = credentials(await kubeconfig(new Date(end.getTime() - DAY))).certificate;
  t.deepEqual(new X509Certificate(soon).validToDate, end);
  const late = new Date(Date.now() + ((authorities.kubernetes?.days ?? 0) + 1) * DAY);
  const error = await t.throwsAsync(() => kubeconfig(late), { code: 'IDENTITY_INVALID' });
  t.regex(error.message, /The certificate authority .*CN=kubernetes ended on/);
});

function kubeconfig(now?: Date): Promise<string> {
  return adminKubeconfig({ identity, cluster: 'demo', server, ...(now === undefined ? {} : { now }) });
}

function credentials(text: string): { certificate: string; key: string; authority: string } {
  const { clusters, users } = load(text) as Kubeconfig;
  return {
    authority: decode(clusters[0]?.cluster['certificate-authority-data']),
    certificate: decode(users[0]?.user['client-certificate-data']),
    key: decode(users[0]?.user['client-key-data']),
  };
}

function decode(data = ''): string {
  return Buffer.from(data, 'base64').toString('utf8');
}

interface Kubeconfig {
  'current-context': string;
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { name: string; user: { 'client-certificate-data': string; 'client-key-data': string } }[];
}
