import { generateKeyPairSync } from 'node:crypto';

const ALGORITHM = 'ssh-ed25519';

/** A fresh key pair: `privateKey` in PEM (PKCS #8), `publicKey` as a line of `authorized_keys`. */
export interface SshKey {
  privateKey: string;
  publicKey: string;
}

/**
 * A key for one bake. Ed25519, because Packer before 1.7 signs with RSA keys by SHA-1, which OpenSSH 9 refuses.
 * Line format: RFC 4253 section 6.6 and RFC 8709 section 4.
 */
export function makeSshKey(comment: string): SshKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { x } = publicKey.export({ format: 'jwk' });
  if (x === undefined) throw new Error('the key has no public part');
  const wire = Buffer.concat([wireString(Buffer.from(ALGORITHM)), wireString(Buffer.from(x, 'base64url'))]);
  return {
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    publicKey: `${ALGORITHM} ${wire.toString('base64')} ${comment}`,
  };
}

/** A string on the SSH wire: its length in four bytes, then its bytes. */
function wireString(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
