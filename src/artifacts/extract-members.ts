import { chmod, mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { KilnError } from '../errors.js';
import type { Gate } from '../gate/gate.js';
import type { LockedArtifact } from '../plan/types.js';
import { cacheFolder, checkState, noteChecked } from './cache.js';
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
  const known = await findExtracted(folder);
  if (known !== undefined) return known;
  const temporary = temporaryName(folder);
  try {
    await mkdir(temporary, { recursive: true });
    const archives = artifact.kind === 'oci' ? await layerPaths(artifact) : [file];
    await extract({ artifact, archives, wanted, to: temporary, signal: gate.signal });
    await settle(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw fileProblem(error, path.dirname(folder));
  }
  return await listFiles(folder);
}

/** Unpacks what is wanted from the archives in turn, until all of it is found. */
async function extract({
  artifact,
  archives,
  wanted,
  to,
  signal,
}: {
  artifact: LockedArtifact;
  archives: readonly string[];
  wanted: readonly string[];
  to: string;
  signal: AbortSignal;
}): Promise<void> {
  const { extract: unpack } = await import('tar');
  const seen = new Set<string>();
  let missing = wanted;
  for (const archive of archives) {
    const found = new Set<string>();
    await unpack({
      file: archive,
      // The default of 16 MiB a piece holds 100 MiB more in memory.
      maxReadSize: 1 << 18,
      cwd: to,
      preserveOwner: false,
      noMtime: true,
      filter(name, entry) {
        if (signal.aborted) return false;
        const member = memberName(name);
        const isFile = 'type' in entry && (entry.type === 'File' || entry.type === 'OldFile');
        if (isFile) seen.add(member);
        const patterns = isFile ? missing.filter((pattern) => matches(member, pattern)) : [];
        for (const pattern of patterns) found.add(pattern);
        return patterns.length > 0;
      },
    });
    signal.throwIfAborted();
    missing = missing.filter((pattern) => !found.has(pattern));
    if (missing.length === 0) return;
  }
  throw memberMissing(artifact, missing, seen);
}

/** `./bridge` → `bridge`: archives made with `tar -C dir .` have the dot. */
function memberName(name: string): string {
  return path.posix.normalize(name).replace(/^\/+/, '');
}

function matches(member: string, pattern: string): boolean {
  const wanted = memberName(pattern);
  if (path.posix.basename(wanted) !== '*') return member === wanted;
  return path.posix.dirname(member) === path.posix.dirname(wanted);
}

function memberMissing(artifact: LockedArtifact, missing: readonly string[], seen: Set<string>): KilnError {
  const names = [...seen].sort();
  const shown = names.slice(0, SHOWN_MEMBERS).map((name) => `  ${name}`);
  if (names.length > shown.length) shown.push(`  … and ${names.length - shown.length} more`);
  return new KilnError(
    'ARCHIVE_MEMBER_MISSING',
    `${artifact.name} ${artifact.version} (${artifact.url}) has no ${missing.join(', ')}. It holds:\n${shown.join('\n')}`,
    {
      hint: `The layout of this release differs: mend the members of ${artifact.name} in catalog/components.yaml.`,
    },
  );
}

/** Another process may have put the same files there first; then its are as good. */
async function settle(temporary: string, folder: string): Promise<void> {
  const files = await listFiles(temporary);
  for (const file of files.values()) await chmod(file, 0o444);
  try {
    await rename(temporary, folder);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error))) throw error;
    await rm(temporary, { recursive: true, force: true });
  }
  for (const member of files.keys()) await noteChecked(path.join(folder, member));
}

/** What was unpacked before, unless a file has changed since: then all of it is unpacked again. */
async function findExtracted(folder: string): Promise<Map<string, string> | undefined> {
  const files = await listFiles(folder).catch(() => undefined);
  if (files === undefined) return undefined;
  const states = await Promise.all([...files.values()].map((file) => checkState(file)));
  if (states.every((state) => state === 'unchanged')) return files;
  await rm(folder, { recursive: true, force: true });
  return undefined;
}

/** Member → path, sorted. */
async function listFiles(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  return new Map(files.sort().map((file) => [path.relative(folder, file), file]));
}
