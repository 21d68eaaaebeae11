import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Gate } from '../gate/gate.js';
import { formatLock } from '../lock/format-lock.js';
import type { Lock } from '../lock/lock.js';
import { LOCK_FILE } from '../lock/lock-file.js';
import { type Progress, silentProgress } from '../progress.js';
import { digestFile, parseDigest } from './digest.js';
import { fetchAll } from './fetch-artifacts.js';
import { fileProblem } from './file-problem.js';
import { mirrorPath } from './mirror-path.js';
import { writeSums } from './mirror-sums.js';
import { placeFile } from './place-file.js';
import { writeFileAtomically } from './write-file-atomically.js';

/**
 * Makes (or completes) a folder that `--mirror` and `--offline` can bake from: every file of the lock at `<host>/<path>`,
 * the lock, and SHA256SUMS. What is there and right is left alone; the lock is written last.
 *
 * @throws KilnError as `fetchArtifacts`
 */
export async function mirrorArtifacts({
  gate,
  lock,
  to,
  mirror,
  offline,
  progress = silentProgress,
}: {
  gate: Gate;
  lock: Lock;
  to: string;
  /** Another mirror to take files from. */
  mirror?: string | undefined;
  offline?: boolean | undefined;
  progress?: Progress | undefined;
}): Promise<void> {
  progress.step(`Fetch ${lock.artifacts.length} artifacts`);
  const fetched = await fetchAll({ gate, artifacts: lock.artifacts, mirror, offline, progress });
  await gate.perform({ verb: 'write', target: to, reason: 'a mirror of the artifacts' }, async (signal) => {
    progress.step(`Write the mirror ${to}`);
    try {
      for (const file of fetched.flatMap(({ files }) => files)) await place(file, to, signal);
      await writeSums(to, await mirroredNames(to));
      await writeFileAtomically(path.join(to, LOCK_FILE), formatLock(lock));
    } catch (error) {
      throw signal.aborted ? signal.reason : fileProblem(error, to);
    }
  });
}

async function place(
  { url, digest, path: source }: { url: string; digest: string; path: string },
  to: string,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const target = mirrorPath(to, url);
  if (await isWhole(target, source, digest, signal)) return;
  try {
    await placeFile(source, target);
  } catch (error) {
    throw fileProblem(error, path.dirname(target), (await stat(source)).size);
  }
}

async function isWhole(
  target: string,
  source: string,
  digest: string,
  signal: AbortSignal,
): Promise<boolean> {
  const [there, cached] = await Promise.all([stat(target).catch(() => undefined), stat(source)]);
  if (there?.size !== cached.size) return false;
  return (await digestFile(target, parseDigest(digest).algorithm, signal)) === digest;
}

/** Every file below a host's folder; what lies beside them in the mirror is not its content. */
async function mirroredNames(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.parentPath !== folder && !entry.name.startsWith('.'))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}
