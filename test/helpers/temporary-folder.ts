import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder that goes when the test file ends, with the folder of that file it is in (own-temporary-folder.ts). */
export function temporaryFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'kiln-'));
}
