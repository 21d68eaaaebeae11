import path from 'node:path';

/** The checkout's (or installed package's) own folder: compiled files live in `<root>/dist/src`. */
export const REPOSITORY = path.resolve(import.meta.dirname, '..', '..');

/** Absolute path of a file that ships with kiln, from its path in the repository. */
export function repositoryPath(...parts: string[]): string {
  return path.join(REPOSITORY, ...parts);
}
