import path from 'node:path';
import type { Gate } from '../../gate/gate.js';
import { renderUserData } from '../../launch/render-user-data.js';
import { errorIn } from '../rules/problem.js';
import type { LintContext } from '../types.js';
import { runCheck } from './run-check.js';
import type { ToolCheck, ToolOutcome } from './tool-check.js';
import { withFolder, writeText } from './with-folder.js';

/** The user data of each role through the real `cloud-init schema`. */
export function validateUserData({ plan }: LintContext): ToolCheck[] {
  return plan.roles.map(({ name }) => {
    const userData = renderUserData({ roles: [name], cluster: 'kiln' });
    return { check: 'cloud-init schema', key: userData, run: (gate) => validate(gate, name, userData) };
  });
}

async function validate(gate: Gate, role: string, userData: string): Promise<ToolOutcome> {
  return await withFolder(async (folder) => {
    const file = path.join(folder, 'user-data');
    await writeText(file, userData);
    const args = ['schema', '--config-file', file];
    const output = await runCheck(gate, { file: 'cloud-init', args, reason: 'validate the user data' });
    if (output.missing !== undefined) return { skipped: output.missing };
    const message = output.lines.join('; ').replaceAll(file, 'user-data');
    // It warns of deprecated keys and still ends well.
    if (!output.failed && !/deprecat/i.test(message)) return { problems: [] };
    return { problems: [errorIn('cloud-init-schema', `user data of ${role}`, message)] };
  });
}
