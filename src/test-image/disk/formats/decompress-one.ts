import { once } from 'node:events';
import type { Readable, Transform } from 'node:stream';
import type { CpioNames } from './cpio-names.js';

/** What Node's decompressors count besides what a stream has: how much of their input they used. */
type Decompressor = Transform & { bytesWritten: number };

/**
 * Unpacks one compressed stream into `archive` and gives how many bytes of `source` it took; what follows it there may be
 * anything. A decompressor that has met the end of its stream leaves the rest of its input, which is how the end is known.
 */
export async function decompressOne(
  source: Readable,
  stream: Decompressor,
  archive: CpioNames,
): Promise<number> {
  let fed = 0;
  let used = 0;
  let failed = false;
  stream.on('data', (chunk: Buffer) => archive.push(chunk));
  stream.on('error', () => {
    failed = true;
  });
  const ended = once(stream, 'end').catch(() => {});
  for await (const chunk of source) {
    fed += (chunk as Buffer).length;
    await write(stream, chunk as Buffer);
    // It met the end exactly where the chunk before ended, and takes this one for the start of another.
    if (failed) break;
    used = stream.bytesWritten;
    if (used < fed) break;
  }
  source.destroy();
  if (!failed) stream.end();
  await ended;
  stream.destroy();
  return used;
}

function write(stream: Decompressor, chunk: Buffer): Promise<void> {
  return new Promise((resolve) => {
    stream.write(chunk, () => resolve());
  });
}
