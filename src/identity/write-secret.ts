import { writeNewFile } from '../artifacts/write-file-atomically.js';

/** Creates a file only its owner can read and waits until it is on the disk. */
export async function writeSecret(file: string, text: string): Promise<void> {
  await writeNewFile(file, text, 0o600);
}
