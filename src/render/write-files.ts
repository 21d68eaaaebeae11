import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Gate } from '../gate/gate.js';
import type { RenderedFile } from './render-template.js';

/** Writes rendered files below a folder; returns their absolute paths. */
export async function writeFiles({
  gate,
  files,
  folder,
}: {
  gate: Gate;
  files: readonly RenderedFile[];
  folder: string;
}): Promise<string[]> {
  const targets = files.map((file) => path.join(folder, file.path));
  for (const [index, target] of targets.entries()) {
    const { content = '', mode = '0644' } = files[index] ?? {};
    await gate.perform({ verb: 'write', target }, async () => {
      await mkdir(path.dirname(target), { recursive: true });
      await writeFile(target, content, { mode: Number.parseInt(mode, 8) });
    });
  }
  return targets;
}
