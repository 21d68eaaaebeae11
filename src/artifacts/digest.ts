import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

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

/** Feeds a file into a running hash; returns the bytes read. */
export async function hashFile(file: string, hash: Hash, signal?: AbortSignal): Promise<number> {
  let bytes = 0;
  await pipeline(
    createReadStream(file, { highWaterMark: 1 << 18 }),
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.length;
      }
    },
    ...(signal === undefined ? [] : [{ signal }]),
  );
  return bytes;
}

export function digestBytes(bytes: string | Uint8Array, algorithm: DigestAlgorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}
