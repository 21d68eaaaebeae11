import { KeyObject, webcrypto } from 'node:crypto';

/** Every key of a cluster: Kubernetes, etcd and every OpenSSL since 1.0.1 take it, and it takes no time to make. */
export const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;
export const SIGNATURE_ALGORITHM = { name: 'ECDSA', hash: 'SHA-256' } as const;

export interface KeyPair {
  keys: webcrypto.CryptoKeyPair;
  /** PKCS #8. */
  privatePem: string;
  /** SubjectPublicKeyInfo. */
  publicPem: string;
}

/** A new EC P-256 key, for signing. */
export async function createKeyPair(): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
  return {
    keys,
    privatePem: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: KeyObject.from(keys.publicKey).export({ type: 'spki', format: 'pem' }).toString(),
  };
}
