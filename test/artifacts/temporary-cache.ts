import path from 'node:path';
import { temporaryFolder } from '../helpers/temporary-folder.js';

/** Gives this process a cache of its own, which goes when the test file ends. AVA runs each test file in a process of its own. */
export function useTemporaryCache(): string {
  const folder = temporaryFolder();
  process.env.XDG_CACHE_HOME = folder;
  return path.join(folder, 'kiln');
}
