import { stat } from 'node:fs/promises';
import path from 'node:path';

/** Which of the files are not there, or empty. */
export async function missingMembers(folder: string, names: readonly string[]): Promise<string[]> {
  const checks = names.map(async (name) => {
    const stats = await stat(path.join(folder, name)).catch(() => undefined);
    return stats?.isFile() === true && stats.size > 0 ? [] : [name];
  });
  return (await Promise.all(checks)).flat();
}
