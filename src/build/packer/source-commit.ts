import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { KilnError } from '../../errors.js';
import type { Gate } from '../../gate/gate.js';
import { runCommand } from '../../gate/run-command.js';
import { REPOSITORY } from '../../repository.js';

/**
 * The commit of kiln's own checkout, with `-dirty` when a file of it was changed; in a run on GitHub, whose checkout has
 * no `.git` where there is no git, the one GitHub names. `undefined` where neither says.
 */
export async function sourceCommit(
  gate: Gate,
  {
    repository = REPOSITORY,
    environment = process.env,
  }: { repository?: string; environment?: NodeJS.ProcessEnv } = {},
): Promise<string | undefined> {
  return (await commitOfCheckout(gate, repository)) ?? (await commitOfRun(repository, environment));
}

async function commitOfCheckout(gate: Gate, repository: string): Promise<string | undefined> {
  // An installed package may lie inside somebody else's repository, whose commit says nothing of kiln.
  if (!existsSync(path.join(repository, '.git'))) return undefined;
  const reason = "name kiln's own commit in the tags";
  const git = (...args: string[]): Promise<string> =>
    runCommand(gate, { file: 'git', args: ['-C', repository, ...args], reason }, { capture: true });
  try {
    const commit = (await git('rev-parse', '--verify', 'HEAD')).trim();
    if (commit === '') return undefined;
    // Not what lies beside kiln's own files: locks, images and reports of its runs.
    const changes = (await git('status', '--porcelain', '--untracked-files=no')).trim();
    return changes === '' ? commit : `${commit}-dirty`;
  } catch (error) {
    // Without git, or in a checkout git refuses to read, the AMI goes without this tag.
    if (error instanceof KilnError && (error.code === 'TOOL_MISSING' || error.code === 'COMMAND_FAILED'))
      return undefined;
    throw error;
  }
}

/** https://docs.github.com/actions/reference/workflows-and-actions/variables: the commit a run is of, and where it is checked out. */
async function commitOfRun(
  repository: string,
  { GITHUB_ACTIONS, GITHUB_SHA = '', GITHUB_WORKSPACE = '' }: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  if (GITHUB_ACTIONS !== 'true' || !/^[0-9a-f]{40,64}$/.test(GITHUB_SHA)) return undefined;
  // Another repository's run may use kiln: its commit says nothing of kiln either.
  const workspace = await realpath(GITHUB_WORKSPACE).catch(() => undefined);
  return workspace === (await realpath(repository)) ? GITHUB_SHA : undefined;
}
