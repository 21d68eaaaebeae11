import path from 'node:path';
import type { Gate } from '../../gate/gate.js';
import { renderUserData } from '../../launch/render-user-data.js';
import { errorIn } from '../rules/problem.js';
import type { LintContext } from '../types.js';
import { runCheck } from './run-check.js';
import type { ToolCheck, ToolOutcome } from './tool-check.js';
import { withFolder, writeText } from './with-folder.js';

const HEADER = '#cloud-config\n';
const CLOUD_CONFIG = /^\/etc\/cloud\/cloud\.cfg\.d\/[^/]+\.cfg$/;

/**
 * The user data of each role, and the image's own cloud.cfg.d files, through the real `cloud-init schema`: cloud-init
 * checks both together at boot and warns of either.
 */
export function validateUserData({ plan }: LintContext): ToolCheck[] {
  const roles = plan.roles.map(({ name }) =>
    checkOf(`user data of ${name}`, renderUserData({ roles: [name], cluster: 'kiln' })),
  );
  const files = plan.files.flatMap((file) =>
    'content' in file && CLOUD_CONFIG.test(file.path) ? [checkOf(file.path, `${HEADER}${file.content}`)] : [],
  );
  return [...roles, ...files];
}

function checkOf(subject: string, content: string): ToolCheck {
  return { check: 'cloud-init schema', key: content, run: (gate) => validate(gate, subject, content) };
}

async function validate(gate: Gate, subject: string, content: string): Promise<ToolOutcome> {
  return await withFolder(async (folder) => {
    const file = path.join(folder, 'user-data');
    await writeText(file, content);
    const args = ['schema', '--config-file', file];
    const output = await runCheck(gate, { file: 'cloud-init', args, reason: 'validate the user data' });
    if (output.missing !== undefined) return { skipped: output.missing };
    const message = output.lines.join('; ').replaceAll(file, subject);
    // It warns of deprecated keys and still ends well.
    if (!output.failed && !/deprecat/i.test(message)) return { problems: [] };
    return { problems: [errorIn('cloud-init-schema', subject, message)] };
  });
}
