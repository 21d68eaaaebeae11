import { createHash, type Hash } from 'node:crypto';
import { open } from 'node:fs/promises';

/** Bytes read at a time. */
const PIECE = 2 ** 20;

export type DigestAlgorithm = 'sha256' | 'sha512';

/** `sha256:<hex>` in its two parts; the schemas have checked its form. */
export function parseDigest(digest: string): { algorithm: DigestAlgorithm; hex: string } {
  const [algorithm, hex] = digest.split(':');
  if (
    (algorithm !== 'sha256' && algorithm !== 'sha512') ||
    hex === undefined ||
    !/^[0-9a-f]{64,128}$/.test(hex)
  ) {
    throw new TypeError(`not a digest: ${digest}`);
  }
  return { algorithm, hex };
}

/** Digest of a file's bytes, read in pieces. */
export async function digestFile(
  file: string,
  algorithm: DigestAlgorithm = 'sha256',
  signal?: AbortSignal,
): Promise<string> {
  const hash = createHash(algorithm);
  await hashFile(file, hash, signal);
  return `${algorithm}:${hash.digest('hex')}`;
}

/** Feeds a file into a running hash; returns the bytes read. One buffer serves the whole file, however large. */
export async function hashFile(file: string, hash: Hash, signal?: AbortSignal): Promise<number> {
  const buffer = Buffer.allocUnsafe(PIECE);
  const handle = await open(file);
  let bytes = 0;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, PIECE);
      if (bytesRead === 0) return bytes;
      hash.update(buffer.subarray(0, bytesRead));
      bytes += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

export function digestBytes(bytes: string | Uint8Array, algorithm: DigestAlgorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}
