import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** One file of an archive, its bytes given or read from a file when their turn comes. */
export type TarEntry = { path: string; mode: number } & ({ content: string } | { file: string });

const BLOCK = 512;

/**
 * Writes a tar archive (gzipped when asked) whose bytes follow from the entries alone: sorted by path, owned by root, one
 * fixed time, no directories, no time in the gzip header. `to` is overwritten.
 */
export async function writeTar({
  entries,
  to,
  mtime = 0,
  gzip = false,
  signal,
}: {
  entries: readonly TarEntry[];
  to: string;
  /** Seconds since 1970, of every entry. */
  mtime?: number;
  gzip?: boolean;
  signal?: AbortSignal;
}): Promise<void> {
  const sorted = [...entries].sort((left, right) => (left.path < right.path ? -1 : 1));
  const file = createWriteStream(to);
  const options = signal === undefined ? {} : { signal };
  if (gzip) await pipeline(tarBytes(sorted, mtime), createGzip({ level: 6 }), file, options);
  else await pipeline(tarBytes(sorted, mtime), file, options);
}

async function* tarBytes(entries: readonly TarEntry[], mtime: number): AsyncGenerator<Buffer> {
  const { Header } = await import('tar');
  for (const entry of entries) {
    const content = 'content' in entry ? Buffer.from(entry.content) : undefined;
    const size = content?.length ?? (await stat((entry as { file: string }).file)).size;
    const header = new Header({
      path: entry.path,
      mode: entry.mode,
      size,
      type: 'File',
      mtime: new Date(mtime * 1000),
      uid: 0,
      gid: 0,
      uname: 'root',
      gname: 'root',
    });
    const block = Buffer.alloc(BLOCK);
    if (header.encode(block)) throw new RangeError(`does not fit a plain tar header: ${entry.path}`);
    yield block;
    if (content === undefined)
      yield* createReadStream((entry as { file: string }).file, { highWaterMark: 1 << 18 });
    else yield content;
    yield Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
  }
  yield Buffer.alloc(2 * BLOCK);
}
