import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder } from './cache.js';
import { errorCode, fileProblem } from './file-problem.js';

let claims = 0;

/**
 * A path only this caller writes to, holding what an earlier, broken-off download of the same bytes left (or nothing).
 * A rename is the claim, so of two processes one resumes and the other starts anew; neither writes into the other's file.
 *
 * @throws KilnError OUT_DIR_UNWRITABLE, DISK_FULL
 */
export async function claimPartial(digest: string): Promise<string> {
  const shared = sharedPath(digest);
  claims += 1;
  const own = `${shared}.${process.pid}.${claims}`;
  try {
    await mkdir(path.dirname(shared), { recursive: true });
    for (const left of [shared, ...(await abandoned(shared))]) {
      if (await renameIfThere(left, own)) return own;
    }
  } catch (error) {
    throw fileProblem(error, path.dirname(shared));
  }
  return own;
}

/** Leaves what was received for the next try; an empty file is not worth keeping. */
export async function releasePartial(own: string, digest: string): Promise<void> {
  if ((await sizeOf(own)) === 0) await rm(own, { force: true });
  else await renameIfThere(own, sharedPath(digest));
}

/** Size in bytes, 0 for a file that is not there. */
export async function sizeOf(file: string): Promise<number> {
  const stats = await stat(file).catch(() => undefined);
  return stats?.size ?? 0;
}

function sharedPath(digest: string): string {
  return cacheFolder('partial', digest.replace(':', '-'));
}

/** Partial files of processes that were killed before they could release them. */
async function abandoned(shared: string): Promise<string[]> {
  const folder = path.dirname(shared);
  const prefix = `${path.basename(shared)}.`;
  const names = (await readdir(folder)).filter((name) => name.startsWith(prefix));
  return names
    .filter((name) => !isAlive(Number(name.slice(prefix.length).split('.')[0])))
    .map((name) => path.join(folder, name));
}

function isAlive(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}

async function renameIfThere(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
