import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const folders: string[] = [];

process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that goes when the test file ends; disks would pile up otherwise. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'kiln-disk-test-'));
  folders.push(folder);
  return folder;
}
