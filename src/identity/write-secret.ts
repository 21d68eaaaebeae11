import { open } from 'node:fs/promises';

/** Creates a file only its owner can read (0600 from its first moment) and waits until it is on the disk. */
export async function writeSecret(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
