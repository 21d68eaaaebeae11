import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type TarEntry, writeTar } from '../write-tar.js';

/** 1980-01-01: the files' real dates follow from when a package was built, and tar warns about 1970. */
const FIXED_TIME = 315_532_800;

/** Packs programs as a project would publish them: one bare file, or a (gzipped) tar. Same bytes in, same bytes out. */
export async function packArtifact({
  kind,
  members,
  to,
  gzip = true,
  signal,
}: {
  kind: 'file' | 'tar';
  /** Archive member → file. A `file` has one member, whose name does not matter. */
  members: ReadonlyMap<string, string>;
  to: string;
  gzip?: boolean;
  signal: AbortSignal;
}): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true });
  if (kind === 'file') {
    for (const file of members.values()) await copyFile(file, to);
    return;
  }
  const entries: TarEntry[] = [...members].map(([member, file]) => ({ path: member, mode: 0o755, file }));
  await writeTar({ entries, to, mtime: FIXED_TIME, gzip, signal });
}
