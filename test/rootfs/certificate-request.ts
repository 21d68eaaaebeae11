import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createKeyPair, SIGNATURE_ALGORITHM } from '../../src/identity/create-key-pair.js';
import { loadX509 } from '../../src/identity/load-x509.js';

/** A certificate request as a kubelet makes it, by the real openssl, PEM in base64 as the API holds it. */
export function certificateRequest({
  commonName,
  organization = 'system:nodes',
  names,
}: {
  commonName: string;
  organization?: string;
  /** As openssl writes them, e.g. `DNS:node-1,IP:10.0.2.15`; none at all if empty. */
  names: string;
}): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'kiln-request-'));
  const settings = [
    '[req]\nprompt = no\ndistinguished_name = subject',
    ...(names === '' ? [] : ['req_extensions = extensions', `[extensions]\nsubjectAltName = ${names}`]),
    `[subject]\nO = ${organization}\nCN = ${commonName}`,
  ];
  writeFileSync(path.join(folder, 'settings'), `${settings.join('\n')}\n`);
  openssl(folder, ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'key']);
  openssl(folder, ['req', '-new', '-config', 'settings', '-key', 'key', '-out', 'request']);
  const request = readFileSync(path.join(folder, 'request'));
  rmSync(folder, { recursive: true });
  return request.toString('base64');
}

/** A request that asks for its names twice: readers that take the first and readers that take the last see different ones. */
export async function twoFacedRequest({
  commonName,
  first,
  second,
}: {
  commonName: string;
  first: string;
  second: string;
}): Promise<string> {
  const x509 = await loadX509();
  const { keys } = await createKeyPair();
  const asking = (name: string): InstanceType<typeof x509.ExtensionsAttribute> =>
    new x509.ExtensionsAttribute([new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }])]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: `O=system:nodes, CN=${commonName}`,
    keys,
    signingAlgorithm: SIGNATURE_ALGORITHM,
    attributes: [asking(first), asking(second)],
  });
  return Buffer.from(request.toString('pem')).toString('base64');
}

/**
 * A request with an attribute of free text before its names, or with none: openssl prints what it holds as it is, line feeds too.
 * `names` are put in as they are, whatever characters they hold.
 */
export async function oddRequest({
  commonName,
  names = [],
  password,
}: {
  commonName: string;
  names?: { type: 'dns' | 'ip'; value: string }[];
  password?: string;
}): Promise<string> {
  const x509 = await loadX509();
  const { keys } = await createKeyPair();
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: `O=system:nodes, CN=${commonName}`,
    keys,
    signingAlgorithm: SIGNATURE_ALGORITHM,
    attributes: password === undefined ? [] : [new x509.ChallengePasswordAttribute(password)],
    extensions: names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)],
  });
  return Buffer.from(request.toString('pem')).toString('base64');
}

/** The same request with another signature. */
export function forged(request: string): string {
  const pem = Buffer.from(request, 'base64').toString();
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const last = der.length - 1;
  der[last] = (der[last] ?? 0) ^ 1;
  const body = der
    .toString('base64')
    .match(/.{1,64}/g)
    ?.join('\n');
  const text = `-----BEGIN CERTIFICATE REQUEST-----\n${body}\n-----END CERTIFICATE REQUEST-----\n`;
  return Buffer.from(text).toString('base64');
}

function openssl(cwd: string, args: string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}
