import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Gate } from '../../gate/gate.js';
import { runCommand } from '../../gate/run-command.js';
import type { Progress } from '../../progress.js';
import { inNamespaces } from './in-namespaces.js';

/**
 * Makes a root file system from packages at a place in the cache, where it appears only when it is complete. mmdebstrap
 * runs in namespaces of its own: an interrupt ends all it started and leaves no mount that `rm` could walk into.
 *
 * @param command what fills the folder it is given.
 * @throws KilnError COMMAND_FAILED with mmdebstrap's last lines; TOOL_MISSING without it.
 */
export async function makeRoot({
  gate,
  progress,
  root,
  command,
  reason,
}: {
  gate: Gate;
  progress: Progress;
  root: string;
  command: (half: string) => string[];
  reason: string;
}): Promise<void> {
  await mkdir(path.dirname(root), { recursive: true });
  const half = await mkdtemp(`${root}.half-`);
  try {
    await runCommand(gate, {
      ...inNamespaces(command(half), { options: ['--mount-proc'] }),
      onLine: (line) => progress.note(line),
      reason,
    });
    // Mount points: `mnt` for the moment of entering the root, the others for the host's own files.
    await mkdir(path.join(half, 'mnt'), { recursive: true });
    for (const name of ['resolv.conf', 'hosts']) await writeFile(path.join(half, 'etc', name), '');
    await rename(half, root);
  } catch (error) {
    await rm(half, { recursive: true, force: true });
    // Someone else made the same one meanwhile: theirs is as good.
    if (!(await isMade(root))) throw error;
  }
}

/** Whether a root is there; one that is there is complete. */
export async function isMade(root: string): Promise<boolean> {
  const found = await stat(root).catch(() => undefined);
  return found !== undefined;
}
