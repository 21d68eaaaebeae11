import { constants, copyFile, mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { temporaryName } from './write-file-atomically.js';

/** Copies a file to its final place in one step, on the disk before it gets its name; shares blocks where it can. */
export async function placeFile(source: string, target: string): Promise<void> {
  const temporary = temporaryName(target);
  try {
    await mkdir(path.dirname(target), { recursive: true });
    await copyFile(source, temporary, constants.COPYFILE_FICLONE);
    const handle = await open(temporary, 'r');
    try {
      await handle.chmod(0o644);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}
