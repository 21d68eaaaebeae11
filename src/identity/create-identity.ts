import { randomBytes, randomInt } from 'node:crypto';
import { loadIdentityCatalog } from '../catalog/identity.js';
import { createAuthority } from './create-authority.js';
import { createKeyPair } from './create-key-pair.js';
import type { Identity } from './identity.js';

const TOKEN_ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** Lengths of a bootstrap token's two parts. Source: kubernetes.io reference/access-authn-authz/bootstrap-tokens. */
const TOKEN_ID_LENGTH = 6;
const TOKEN_SECRET_LENGTH = 16;
/** What secretbox (XSalsa20-Poly1305) takes, in bytes. Source: kubernetes.io tasks/administer-cluster/encrypt-data. */
const ENCRYPTION_KEY_BYTES = 32;

/**
 * Makes everything that is secret about a new cluster, and its certificates of authority: name → text, in memory only.
 *
 * @param cluster stands in the authorities' subjects as organization, so that two clusters' can be told apart.
 */
export async function createIdentity({
  cluster,
  now = new Date(),
}: {
  cluster: string;
  now?: Date;
}): Promise<Identity> {
  const identity: Record<string, string> = {};
  for (const [name, { commonName, days }] of Object.entries(loadIdentityCatalog().authorities)) {
    const { certificate, key } = await createAuthority({ commonName, organization: cluster, days, now });
    identity[`${name}.crt`] = certificate;
    identity[`${name}.key`] = key;
  }
  const serviceAccounts = await createKeyPair();
  identity['sa.key'] = serviceAccounts.privatePem;
  identity['sa.pub'] = serviceAccounts.publicPem;
  identity['encryption.yaml'] = await encryptionConfiguration();
  identity['bootstrap.token'] = `${randomText(TOKEN_ID_LENGTH)}.${randomText(TOKEN_SECRET_LENGTH)}\n`;
  return identity;
}

/** Secrets are written encrypted; `identity` comes last, so that what was written before there was a key can be read. */
async function encryptionConfiguration(): Promise<string> {
  const { dump } = await import('js-yaml');
  const secret = randomBytes(ENCRYPTION_KEY_BYTES).toString('base64');
  return dump({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'EncryptionConfiguration',
    resources: [
      {
        resources: ['secrets'],
        providers: [{ secretbox: { keys: [{ name: 'key1', secret }] } }, { identity: {} }],
      },
    ],
  });
}

/** randomInt is unbiased, unlike a random byte modulo 36. */
function randomText(length: number): string {
  return Array.from({ length }, () => TOKEN_ALPHABET.charAt(randomInt(TOKEN_ALPHABET.length))).join('');
}
