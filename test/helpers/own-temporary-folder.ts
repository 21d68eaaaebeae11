import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import path from 'node:path';

/**
 * Required by AVA's settings before each test file, which is a process of its own: `tmpdir()` is a folder of that file alone, on a
 * disk, as images are large. So a test may look there for what was left behind, whatever runs beside it; when the file has run, the
 * folder goes, but nothing that is still mounted below it.
 */
const folder = mkdtempSync(path.join(process.env.TMPDIR || '/var/tmp', 'kiln-test-'));
process.env.TMPDIR = folder;
process.on('exit', () => spawnSync('rm', ['-rf', '--one-file-system', folder]));
