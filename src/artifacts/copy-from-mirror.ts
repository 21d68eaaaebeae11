import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { admitToCache, cachedPath } from './cache.js';
import { parseDigest } from './digest.js';
import { type DownloadRequest, digestMismatch } from './download.js';
import { fileProblem } from './file-problem.js';
import { mirrorPath } from './mirror-path.js';
import { temporaryName } from './write-file-atomically.js';

/**
 * Copies one file of a mirror into the cache, checking its digest on the way; `undefined` when the mirror lacks it. The
 * cache gets its own bytes: a mirror may be a disk that is pulled out after the bake.
 *
 * @throws KilnError DIGEST_MISMATCH, DISK_FULL, OUT_DIR_UNWRITABLE
 */
export async function copyFromMirror({
  request,
  mirror,
  signal,
  onBytes = () => {},
}: {
  request: DownloadRequest;
  mirror: string;
  signal: AbortSignal;
  onBytes?: (received: number, total: number | undefined) => void;
}): Promise<string | undefined> {
  const source = mirrorPath(mirror, request.url);
  const stats = await stat(source).catch(() => undefined);
  if (stats?.isFile() !== true) return undefined;
  const temporary = temporaryName(cachedPath(request.digest));
  const { algorithm } = parseDigest(request.digest);
  const hash = createHash(algorithm);
  let received = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      received += chunk.length;
      onBytes(received, stats.size);
      done(null, chunk);
    },
  });
  try {
    await mkdir(path.dirname(temporary), { recursive: true });
    await pipeline(createReadStream(source), meter, createWriteStream(temporary, { flags: 'wx' }), {
      signal,
    });
    const actual = `${algorithm}:${hash.digest('hex')}`;
    if (actual !== request.digest) throw digestMismatch({ ...request, url: source }, actual);
    return await admitToCache(temporary, request.digest);
  } catch (error) {
    await rm(temporary, { force: true });
    if (signal.aborted) throw signal.reason;
    throw fileProblem(error, path.dirname(temporary), stats.size);
  }
}
