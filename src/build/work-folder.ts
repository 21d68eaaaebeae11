import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { KilnError } from '../errors.js';
import type { Gate } from '../gate/gate.js';

/**
 * A folder in which an image is made, beside the one it becomes, so that the last step is a rename and not a copy.
 *
 * @throws KilnError OUT_DIR_UNWRITABLE
 */
export async function makeWorkFolder(gate: Gate, out: string): Promise<string> {
  if (gate.dryRun) return path.join(out, '.bake-dry-run');
  try {
    await mkdir(out, { recursive: true });
    return await mkdtemp(path.join(out, '.bake-'));
  } catch (error) {
    throw new KilnError('OUT_DIR_UNWRITABLE', `Cannot write to ${out}: ${(error as Error).message}`, {
      hint: 'Choose another folder with --out.',
      cause: error,
    });
  }
}

/** Gives the finished work its name; what was there under it goes. */
export async function publishWorkFolder(gate: Gate, work: string, folder: string): Promise<void> {
  await gate.perform({ verb: 'write', target: folder, reason: 'the finished image' }, async () => {
    await rm(folder, { recursive: true, force: true });
    await chmod(work, 0o755);
    await rename(work, folder);
  });
}
