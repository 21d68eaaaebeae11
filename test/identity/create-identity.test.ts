import { createPublicKey, X509Certificate } from 'node:crypto';
import path from 'node:path';
import test from 'ava';
import { load } from 'js-yaml';
import { loadIdentityCatalog } from '../../src/catalog/identity.js';
import { createIdentity } from '../../src/identity/create-identity.js';
import { secretNames } from '../../src/identity/identity.js';
import { BACKDATED_MINUTES } from '../../src/identity/validity.js';
import { describe, run, writeAll } from './helpers.js';

const now = new Date('2026-11-21T12:00:00Z');
const identity = await createIdentity({ cluster: 'demo', now });
const { authorities } = loadIdentityCatalog();

test('every secret of the catalog is made, and no other', (t) => {
  t.deepEqual(Object.keys(identity).sort(), secretNames().sort());
});

for (const [name, { commonName, days }] of Object.entries(authorities)) {
  const certificate = identity[`${name}.crt`] ?? '';

  test(`openssl takes the authority ${name} for one, and its key for its own`, (t) => {
    const folder = writeAll(identity);
    const file = path.join(folder, `${name}.crt`);
    const at = String(now.getTime() / 1000);
    t.regex(run('openssl', 'verify', '-x509_strict', '-attime', at, '-CAfile', file, file), /: OK/);
    const publicKey = run('openssl', 'pkey', '-in', path.join(folder, `${name}.key`), '-pubout');
    t.is(run('openssl', 'x509', '-in', file, '-noout', '-pubkey'), publicKey);
  });

  test(`${name} has the profile of an authority`, (t) => {
    const text = describe(certificate);
    t.regex(text, /Basic Constraints: critical\n\s+CA:TRUE, pathlen:0\n/);
    t.regex(text, /Key Usage: critical\n\s+Digital Signature, Certificate Sign, CRL Sign\n/);
    t.regex(text, /Signature Algorithm: ecdsa-with-SHA256/);
    t.regex(text, /ASN1 OID: prime256v1/);
    t.regex(text, new RegExp(`Subject: CN=${commonName},O=demo\n`));
    const subject = /Subject Key Identifier: \n\s+([0-9A-F:]{59})\n/.exec(text)?.[1];
    const authority = /Authority Key Identifier: \n\s+(?:keyid:)?([0-9A-F:]{59})\n/.exec(text)?.[1];
    t.truthy(subject);
    t.is(subject, authority);
  });

  test(`${name} is valid from a little earlier, for the days of the catalog`, (t) => {
    const { validFromDate, validToDate } = new X509Certificate(certificate);
    t.is((now.getTime() - validFromDate.getTime()) / 60_000, BACKDATED_MINUTES);
    t.is((validToDate.getTime() - now.getTime()) / 86_400_000, days);
  });
}

test('serial numbers are positive, long and of at most 20 bytes', (t) => {
  for (const name of Object.keys(authorities)) {
    const { serialNumber } = new X509Certificate(identity[`${name}.crt`] ?? '');
    t.regex(serialNumber, /^[0-9A-F]{16,40}$/);
    t.notRegex(describe(identity[`${name}.crt`] ?? ''), /Serial Number:\s+\(Negative\)/);
  }
});

test('the service accounts have an EC key, in the forms the API server reads', (t) => {
  t.regex(identity['sa.key'] ?? '', /^-----BEGIN PRIVATE KEY-----\n/);
  t.regex(identity['sa.pub'] ?? '', /^-----BEGIN PUBLIC KEY-----\n/);
  const key = createPublicKey(identity['sa.key'] ?? '');
  t.true(createPublicKey(identity['sa.pub'] ?? '').equals(key));
  t.is(key.asymmetricKeyDetails?.namedCurve, 'prime256v1');
});

test('Secrets are encrypted with a key of 32 bytes; what was plain before stays readable', (t) => {
  const configuration = load(identity['encryption.yaml'] ?? '') as EncryptionConfiguration;
  const [{ resources, providers } = { resources: [], providers: [] }] = configuration.resources;
  t.is(configuration.apiVersion, 'apiserver.config.k8s.io/v1');
  t.is(configuration.kind, 'EncryptionConfiguration');
  t.deepEqual(resources, ['secrets']);
  t.deepEqual(
    providers.flatMap((provider) => Object.keys(provider)),
    ['secretbox', 'identity'],
  );
  t.is(Buffer.from(providers[0]?.secretbox?.keys[0]?.secret ?? '', 'base64').length, 32);
});

test('the bootstrap token has the form kubeadm and the API server want', (t) => {
  t.regex(identity['bootstrap.token'] ?? '', /^[a-z0-9]{6}\.[a-z0-9]{16}\n$/);
});

test('two clusters have no secret in common', async (t) => {
  const other = await createIdentity({ cluster: 'demo', now });
  for (const name of secretNames()) t.not(identity[name], other[name], name);
});

interface EncryptionConfiguration {
  apiVersion: string;
  kind: string;
  resources: { resources: string[]; providers: { secretbox?: { keys: { secret: string }[] } }[] }[];
}
