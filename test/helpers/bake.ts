import { execa } from 'execa';
import { repositoryPath } from '../../src/repository.js';

/** Runs the built `bake` as a person would; never throws, look at `exitCode`, `stdout` and `stderr`. */
export async function bake(
  args: readonly string[],
  { cwd, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<{ exitCode: number | undefined; stdout: string; stderr: string }> {
  const { exitCode, stdout, stderr } = await execa(repositoryPath('bin', 'bake'), args, {
    reject: false,
    stdin: 'ignore',
    env,
    ...(cwd === undefined ? {} : { cwd }),
  });
  return { exitCode, stdout, stderr };
}
