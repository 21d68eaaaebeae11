import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Gives this process a cache of its own, removed when it ends. AVA runs each test file in a process of its own. */
export function useTemporaryCache(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'kiln-test-cache-'));
  process.env.XDG_CACHE_HOME = folder;
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, 'kiln');
}
