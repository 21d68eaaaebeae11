import { existsSync } from 'node:fs';
import path from 'node:path';
import { KilnError } from '../../errors.js';
import type { Gate } from '../../gate/gate.js';
import { runCommand } from '../../gate/run-command.js';
import { REPOSITORY } from '../../repository.js';

/** The commit of kiln's own checkout, with `-dirty` when something in it was changed; `undefined` where it is none. */
export async function sourceCommit(gate: Gate, repository = REPOSITORY): Promise<string | undefined> {
  // An installed package may lie inside somebody else's repository, whose commit says nothing of kiln.
  if (!existsSync(path.join(repository, '.git'))) return undefined;
  const reason = "name kiln's own commit in the tags";
  const git = (...args: string[]): Promise<string> =>
    runCommand(gate, { file: 'git', args: ['-C', repository, ...args], reason }, { capture: true });
  try {
    const commit = (await git('rev-parse', '--verify', 'HEAD')).trim();
    if (commit === '') return undefined;
    const changes = (await git('status', '--porcelain')).trim();
    return changes === '' ? commit : `${commit}-dirty`;
  } catch (error) {
    // Without git, or in a checkout git refuses to read, the AMI goes without this tag.
    if (error instanceof KilnError && (error.code === 'TOOL_MISSING' || error.code === 'COMMAND_FAILED'))
      return undefined;
    throw error;
  }
}
