import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { KilnError } from '../errors.js';
import type { Gate } from '../gate/gate.js';
import type { LockedArtifact } from '../plan/types.js';
import { cacheFolder } from './cache.js';
import { digestBytes } from './digest.js';
import { errorCode, fileProblem } from './file-problem.js';
import { layerPaths } from './oci/layer-paths.js';
import { temporaryName } from './write-file-atomically.js';

/** How many member names an error shows. */
const SHOWN_MEMBERS = 40;

/**
 * Takes files out of an artifact that `fetchArtifacts` brought, and returns member → path in the cache. Members are named
 * as in the archive, without a leading `./`; `bin/*` stands for every file of a folder. Of an image, they are looked
 * for in its layers, the topmost first.
 *
 * Streams; each set of members is unpacked once per archive digest.
 *
 * @throws KilnError ARCHIVE_MEMBER_MISSING with what the archive holds; DISK_FULL, OUT_DIR_UNWRITABLE
 */
export async function extractMembers({
  gate,
  artifact,
  file,
  members,
}: {
  gate: Gate;
  artifact: LockedArtifact;
  /** The archive's path, from `fetchArtifacts`. */
  file: string;
  members: readonly string[];
}): Promise<Map<string, string>> {
  const wanted = [...new Set(members)].sort();
  const key = digestBytes(JSON.stringify([artifact.digest, artifact.arch, wanted])).replace('sha256:', '');
  const folder = cacheFolder('extracted', key);
  const known = await filesUnder(folder);
  if (known !== undefined) return known;
  const temporary = temporaryName(folder);
  try {
    await mkdir(temporary, { recursive: true });
    const archives = artifact.kind === 'oci' ? await layerPaths(artifact) : [file];
    await extract({ gate, artifact, archives, wanted, to: temporary });
    await makeReadOnly(temporary);
    await settle(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw fileProblem(error, path.dirname(folder));
  }
  return (await filesUnder(folder)) ?? new Map();
}
