import path from 'node:path';
import { makeSshKey } from '../../build/packer/make-ssh-key.js';
import type { PackerTarget } from '../../build/packer/packer-settings.js';
import { renderPackerTemplates } from '../../build/packer/render-packer-templates.js';
import { loadOs } from '../../catalog/load-catalog.js';
import { KilnError } from '../../errors.js';
import type { Gate } from '../../gate/gate.js';
import type { Plan } from '../../plan/types.js';
import type { RenderedFile } from '../../render/render-template.js';
import { errorIn } from '../rules/problem.js';
import type { LintContext } from '../types.js';
import { runCheck } from './run-check.js';
import type { ToolCheck, ToolOutcome } from './tool-check.js';
import { withFolder, writeText } from './with-folder.js';

const TARGETS: readonly PackerTarget[] = ['disk', 'aws'];
/** A variable's block, its name and the rest up to the closing brace. */
const VARIABLE = /^variable "(\w+)" \{\n([\s\S]*?)^\}/gm;

/** Both builders' templates through the real `packer validate`, once for each OS and architecture. */
export function validatePacker({ plan }: LintContext): ToolCheck[] {
  if (!loadOs(plan.spec.os).engines.includes('packer')) return [];
  return TARGETS.map((target) => ({
    check: `packer validate (${target})`,
    key: [plan.spec.os, plan.spec.arch, target].join(' '),
    run: (gate) => validate(gate, plan, target),
  }));
}

async function validate(gate: Gate, plan: Plan, target: PackerTarget): Promise<ToolOutcome> {
  const version = await packerVersion(gate);
  if (version === undefined) return { skipped: 'packer is not installed' };
  const files = render(plan, target, version);
  if (!Array.isArray(files)) return files;
  return await withFolder(async (folder) => {
    for (const file of files) await writeText(path.join(folder, 'templates', file.path), file.content);
    const variables = path.join(folder, 'variables.pkrvars.json');
    await writeText(variables, JSON.stringify(await placeholders(folder, files)));
    // Without its own folder packer writes into the home of whoever runs it.
    const env = { PACKER_CONFIG_DIR: folder, CHECKPOINT_DISABLE: '1', PACKER_NO_COLOR: '1' };
    const args = ['validate', `-var-file=${variables}`, '.'];
    const cwd = path.join(folder, 'templates');
    const output = await runCheck(gate, {
      file: 'packer',
      args,
      cwd,
      env,
      reason: 'validate the Packer templates',
    });
    if (output.missing !== undefined) return { skipped: output.missing };
    if (!output.failed) return { problems: [] };
    const text = output.lines.filter((line) => line.trim() !== '').join(' ');
    return { problems: [errorIn('packer-validate', `${plan.spec.os} ${target}`, text)] };
  });
}

async function packerVersion(gate: Gate): Promise<string | undefined> {
  const output = await runCheck(gate, {
    file: 'packer',
    args: ['version'],
    reason: 'validate the Packer templates',
  });
  if (output.missing !== undefined) return undefined;
  return /v?(\d+\.\d+\.\d+)/.exec(output.lines[0] ?? '')?.[1];
}

/** An OS without such an image has no template to check. */
function render(
  plan: Plan,
  target: PackerTarget,
  packerVersion: string,
): RenderedFile[] | { skipped: string } {
  try {
    return renderPackerTemplates({ plan, target, packerVersion });
  } catch (error) {
    if (error instanceof KilnError && error.code === 'PAIR_REFUSED') return { skipped: error.message };
    throw error;
  }
}

/** A value of the right kind for every variable that has no default; files are there, and the key is a real one. */
async function placeholders(
  folder: string,
  files: readonly RenderedFile[],
): Promise<Record<string, unknown>> {
  const file = path.join(folder, 'file');
  const key = path.join(folder, 'key');
  await writeText(file, '');
  await writeText(key, makeSshKey('lint').privateKey, 0o600);
  const shaped: Record<string, unknown> = {
    ssh_private_key_file: key,
    output_directory: path.join(folder, 'output'),
    disk_size: '4096M',
    region: 'us-east-1',
    source_ami: 'ami-0123456789abcdef0',
    root_device_name: '/dev/xvda',
    deprecate_at: '2099-01-01T00:00:00Z',
    temporary_security_group_source_cidrs: ['203.0.113.7/32'],
  };
  const values: Record<string, unknown> = {};
  for (const [, name = '', body = ''] of files.flatMap(({ content }) => [...content.matchAll(VARIABLE)])) {
    if (/^ {2}default\s*=/m.test(body)) continue;
    values[name] = shaped[name] ?? (/type\s*=\s*number/.test(body) ? 1 : file);
  }
  return values;
}
