import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import type { ClusterImage } from '../../src/launch/types.js';
import { repositoryPath } from '../../src/repository.js';
import { planOf } from './plans.js';

/** Runs the built `launch` as a person would; never throws, look at `exitCode`, `stdout` and `stderr`. */
export async function launch(
  args: readonly string[],
  { cwd, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<{ exitCode: number | undefined; stdout: string; stderr: string }> {
  const { exitCode, stdout, stderr } = await execa(repositoryPath('bin', 'launch'), args, {
    reject: false,
    stdin: 'ignore',
    env,
    ...(cwd === undefined ? {} : { cwd }),
  });
  return { exitCode, stdout, stderr };
}

/** An image folder with the plan of a real image and nothing on its disk: enough for all that boots nothing. */
export function imageWithoutContent(
  folder: string,
  { os = 'debian12', disk = 'e3b0c442'.repeat(8) }: { os?: string; disk?: string } = {},
): Required<ClusterImage> {
  const plan = planOf(os);
  const manifest = { version: 1, imageId: plan.id, disk: { size: 0, sha256: disk } };
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'plan.json'), JSON.stringify(plan));
  writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify(manifest));
  writeFileSync(path.join(folder, 'disk.raw'), '');
  return { folder, id: plan.id, disk };
}
