import path from 'node:path';
import type { Gate } from '../../gate/gate.js';
import { digestOf } from '../../plan/canonical-json.js';
import type { LintContext, LintProblem } from '../types.js';
import { runCheck } from './run-check.js';
import type { ToolCheck, ToolOutcome } from './tool-check.js';
import { withFolder, writeText } from './with-folder.js';

interface Script {
  path: string;
  content: string;
}

const SHEBANG = /^#!\s*\/bin\/(ba|da)?sh/;
/** A file that scripts source, which has no first line of its own. */
const SOURCED = /\/usr\/libexec\/kiln\/[^/]+\.sh$/;
const FINDING = /^(.+?):(\d+):\d+: (error|warning|note): (.*)$/;

/** The node's shell scripts through the real shellcheck. */
export function checkScripts({ plan }: LintContext): ToolCheck[] {
  const scripts = plan.files.filter(
    (file): file is typeof file & Script =>
      'content' in file && (SHEBANG.test(file.content) || SOURCED.test(file.path)),
  );
  if (scripts.length === 0) return [];
  const texts = scripts.map(({ path: name, content }) => ({ path: name, content }));
  return [{ check: 'shellcheck', key: digestOf(texts), run: (gate) => check(gate, texts) }];
}

async function check(gate: Gate, scripts: readonly Script[]): Promise<ToolOutcome> {
  return await withFolder(async (folder) => {
    // Laid out as in the repository: `source=` comments name paths there.
    const tree = path.join(folder, 'rootfs');
    for (const script of scripts) await writeText(path.join(tree, script.path), script.content);
    const files = scripts.map((script) => path.join('rootfs', script.path));
    const args = ['--shell=sh', '--external-sources', '--format=gcc', ...files];
    const output = await runCheck(gate, {
      file: 'shellcheck',
      args,
      cwd: folder,
      reason: "check the node's scripts",
    });
    if (output.missing !== undefined) return { skipped: output.missing };
    const problems = output.lines.filter((line) => line.trim() !== '').map(toProblem);
    return { problems };
  });
}

function toProblem(line: string): LintProblem {
  const [, file, number, level, text] = FINDING.exec(line) ?? [];
  const severity = level === 'note' ? 'warning' : 'error';
  if (file === undefined)
    return { rule: 'shellcheck', severity: 'error', subject: 'shellcheck', message: line };
  return {
    rule: 'shellcheck',
    severity,
    subject: file.replace(/^rootfs/, ''),
    message: `line ${number}: ${text}`,
  };
}
