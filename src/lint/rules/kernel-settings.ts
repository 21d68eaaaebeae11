import path from 'node:path';
import type { PlannedFile } from '../../plan/types.js';
import type { LintContext, LintProblem } from '../types.js';
import { errorIn } from './problem.js';

/** systemd-sysctl reads globs from 245 on and a leading `-` from 243 on; older ones fail the whole unit on them. */
const GLOBS = 245;
const DASH = 243;
/** A link to /etc/sysctl.conf on Debian and Red Hat: what sorts before it is overridden by it. */
const LAST = '99-sysctl.conf';
const SYSCTL_FILE = /\/sysctl[\w-]*\.conf$|\/sysctl\.d\/[^/]+\.conf$/;
const MODULES_FILE = /\/modules-load\.d\/[^/]+\.conf$/;
const MODULE = /^[A-Za-z0-9_-]+$/;

/** sysctl files say what every target's systemd understands, sort last, and set what the plan expects. */
export function sysctlFiles(context: LintContext): LintProblem[] {
  const files = textFiles(context, SYSCTL_FILE);
  const inForce: Record<string, string> = {};
  const problems: LintProblem[] = [];
  for (const { file, lines } of files) {
    const folder = path.posix.basename(path.posix.dirname(file));
    if (folder === 'sysctl.d' && path.posix.basename(file) < LAST) {
      problems.push(errorIn('sysctl-order', file, `sorts before ${LAST}, which would override it`));
    }
    for (const line of lines) {
      problems.push(...sysctlLine(context, file, line));
      const [key, value] = line.split('=').map((part) => part.trim());
      if (folder === 'sysctl.d' && key !== undefined && value !== undefined)
        inForce[key.replaceAll('/', '.')] = value;
    }
  }
  return [...problems, ...unexpected(context, inForce)];
}

/** modules-load.d files are lists of module names, and name what the plan expects loaded. */
export function moduleFiles(context: LintContext): LintProblem[] {
  const files = textFiles(context, MODULES_FILE);
  const wrong = files.flatMap(({ file, lines }) =>
    lines
      .filter((line) => !MODULE.test(line))
      .map((line) => errorIn('modules-load', file, `"${line}" is no module name`)),
  );
  const listed = new Set(files.flatMap(({ lines }) => lines.map((line) => line.replaceAll('-', '_'))));
  const missing = context.plan.expected.modules.filter((module) => !listed.has(module.replaceAll('-', '_')));
  return [
    ...wrong,
    ...missing.map((module) =>
      errorIn('modules-load', module, 'expected to be loaded, but no file lists it'),
    ),
  ];
}

function sysctlLine({ systemd }: LintContext, file: string, line: string): LintProblem[] {
  const key = line.split('=')[0]?.trim() ?? '';
  if (key.startsWith('-') && systemd < DASH) {
    return [
      errorIn('sysctl-syntax', file, `"${line}": a leading - needs systemd ${DASH}, this OS has ${systemd}`),
    ];
  }
  if (/[*?[]/.test(key) && systemd < GLOBS) {
    return [
      errorIn('sysctl-syntax', file, `"${line}": a glob needs systemd ${GLOBS}, this OS has ${systemd}`),
    ];
  }
  if (!line.includes('=') && !line.startsWith('-'))
    return [errorIn('sysctl-syntax', file, `"${line}" is no assignment`)];
  return [];
}

function unexpected({ plan }: LintContext, inForce: Record<string, string>): LintProblem[] {
  return Object.entries(plan.expected.sysctls)
    .filter(([key, value]) => inForce[key]?.replaceAll(/\s+/g, ' ') !== value.replaceAll(/\s+/g, ' '))
    .map(([key, value]) =>
      errorIn(
        'sysctl-expected',
        key,
        `expected to be ${value}, but the files say ${inForce[key] ?? 'nothing'}`,
      ),
    );
}

function textFiles({ plan }: LintContext, pattern: RegExp): { file: string; lines: string[] }[] {
  return plan.files
    .filter((file): file is PlannedFile & { content: string } => pattern.test(file.path) && 'content' in file)
    .map((file) => ({ file: file.path, lines: settingLines(file.content) }));
}

function settingLines(content: string): string[] {
  return content
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^[#;]/.test(line));
}
