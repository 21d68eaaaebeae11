import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileProblem } from './file-problem.js';

/**
 * Writes a small file whole or not at all: temporary name in the same folder, fsync, rename. Makes the folder.
 *
 * @throws KilnError OUT_DIR_UNWRITABLE, DISK_FULL
 */
export async function writeFileAtomically(
  file: string,
  content: string | Uint8Array,
  { mode = 0o666 }: { mode?: number } = {},
): Promise<void> {
  const temporary = temporaryName(file);
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeNewFile(temporary, content, mode);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw fileProblem(error, path.dirname(file), Buffer.byteLength(content));
  }
}

/** Creates a file, with this mode (less the umask) from its first moment, and waits until it is on the disk. */
export async function writeNewFile(file: string, content: string | Uint8Array, mode: number): Promise<void> {
  const handle = await open(file, 'wx', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A name beside `file` that nothing else uses; hidden, so that a listing shows finished files only. */
export function temporaryName(file: string): string {
  const suffix = `${process.pid}-${randomBytes(6).toString('hex')}`;
  return path.join(path.dirname(file), `.${path.basename(file)}.${suffix}.tmp`);
}
