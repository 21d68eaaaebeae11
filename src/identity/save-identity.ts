import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { errorCode, fileProblem } from '../artifacts/file-problem.js';
import { KilnError } from '../errors.js';
import type { Gate } from '../gate/gate.js';
import type { Identity } from './identity.js';
import { writeSecret } from './write-secret.js';

/**
 * Writes a cluster's identity to `folder` (0700, each file 0600), as a whole or not at all, and never over one that is
 * there: its loss would be the loss of the cluster.
 *
 * @throws KilnError IDENTITY_EXISTS, OUT_DIR_UNWRITABLE, DISK_FULL
 */
export async function saveIdentity(gate: Gate, folder: string, identity: Identity): Promise<void> {
  if (existsSync(folder)) throw exists(folder);
  await gate.perform({ verb: 'write', target: folder, reason: "keep the cluster's identity" }, () =>
    write(folder, identity),
  );
}

async function write(folder: string, identity: Identity): Promise<void> {
  const parent = path.dirname(folder);
  const temporary = path.join(parent, `.${path.basename(folder)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await mkdir(parent, { recursive: true, mode: 0o700 });
    await mkdir(temporary, { mode: 0o700 });
    for (const [name, text] of Object.entries(identity)) await writeSecret(path.join(temporary, name), text);
    await syncFolder(temporary);
    // Fails when another process has put one there meanwhile: a folder that holds something is never replaced.
    await rename(temporary, folder);
    await syncFolder(parent);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    if (['ENOTEMPTY', 'EEXIST'].includes(errorCode(error))) throw exists(folder);
    throw fileProblem(error, parent);
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function exists(folder: string): KilnError {
  return new KilnError(
    'IDENTITY_EXISTS',
    `There is an identity in ${folder} already; it is not overwritten`,
    {
      hint: 'Use it, or destroy its cluster first: `launch destroy --cluster NAME`.',
    },
  );
}
