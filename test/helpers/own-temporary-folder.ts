import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * Required by AVA's settings before each test file, which is a process of its own: whatever its tests and what they start leave
 * in the temporary folder goes when the file has run.
 */
const folder = mkdtempSync(path.join(tmpdir(), 'kiln-test-'));
process.env.TMPDIR = folder;
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
