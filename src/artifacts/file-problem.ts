import { KilnError } from '../errors.js';

const UNWRITABLE: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a file is in the way',
};

/**
 * What a failed write means to a person: DISK_FULL with the folder and the bytes wanted, OUT_DIR_UNWRITABLE with the
 * reason. Anything else comes back as it is.
 */
export function fileProblem(error: unknown, folder: string, bytesNeeded?: number): unknown {
  const code = errorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const needed = bytesNeeded === undefined ? '' : `; ${bytesNeeded} bytes are needed`;
    return new KilnError('DISK_FULL', `No space left in ${folder}${needed}`, {
      hint: 'Free some space, or set XDG_CACHE_HOME (downloads) or --out (images) to a larger file system.',
      cause: error,
    });
  }
  const reason = UNWRITABLE[code];
  if (reason === undefined) return error;
  return new KilnError('OUT_DIR_UNWRITABLE', `Cannot write to ${folder}: ${reason}`, {
    hint: 'Choose another folder (XDG_CACHE_HOME for the cache, --out or --to for results) or mend its permissions.',
    cause: error,
  });
}

/** Node's error code (`ENOENT`), '' where there is none. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
