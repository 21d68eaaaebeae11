import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileProblem } from '../artifacts/file-problem.js';
import { temporaryName } from '../artifacts/write-file-atomically.js';
import { writeSecret } from '../identity/write-secret.js';

/**
 * Writes a file only its owner can read (0600 from its first moment), whole or not at all. Makes the folder, 0700.
 *
 * @throws KilnError OUT_DIR_UNWRITABLE, DISK_FULL
 */
export async function writeSecretAtomically(file: string, text: string): Promise<void> {
  const temporary = temporaryName(file);
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeSecret(temporary, text);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw fileProblem(error, path.dirname(file));
  }
}
