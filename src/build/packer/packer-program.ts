import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { KilnError } from '../../errors.js';
import type { Gate } from '../../gate/gate.js';
import { runCommand } from '../../gate/run-command.js';
import type { Plan } from '../../plan/types.js';
import type { PackerTarget } from './packer-settings.js';
import { renderPackerTemplates } from './render-packer-templates.js';

/** `1.6.6`. @throws KilnError TOOL_MISSING when there is no Packer, or another program of that name. */
export async function readPackerVersion(gate: Gate): Promise<string> {
  const command = {
    file: 'packer',
    args: ['version'],
    env: { CHECKPOINT_DISABLE: '1' },
    reason: "read Packer's version",
  };
  const output = await runCommand(gate, command, { capture: true });
  const version = /v(\d+\.\d+\.\d+)/.exec(output)?.[1];
  if (version !== undefined) return version;
  throw new KilnError('TOOL_MISSING', `\`packer version\` does not say its version: ${output.trim()}`, {
    hint: 'Another program of that name may come first in PATH (cracklib has one). On Debian: apt-get install packer',
  });
}

/** What Packer is run with besides the caller's own environment; `secret` is a private folder for its sockets and scripts. */
export function packerEnvironment(secret: string, cache: string): Record<string, string> {
  return {
    CHECKPOINT_DISABLE: '1',
    PACKER_NO_COLOR: '1',
    PACKER_LOG: '',
    TMPDIR: secret,
    PACKER_CACHE_DIR: cache,
  };
}

/** Writes the plan's templates, as this Packer understands them, into a folder. */
export async function writeTemplates({
  folder,
  plan,
  target,
  packerVersion,
}: {
  folder: string;
  plan: Plan;
  target: PackerTarget;
  packerVersion: string;
}): Promise<void> {
  for (const { path: name, content } of renderPackerTemplates({ plan, target, packerVersion })) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}
