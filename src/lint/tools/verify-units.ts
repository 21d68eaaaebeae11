import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { Gate } from '../../gate/gate.js';
import { digestOf } from '../../plan/canonical-json.js';
import type { PlannedFile } from '../../plan/types.js';
import { EXEC_KEYS } from '../exec-keys.js';
import { valuesOf } from '../load-units.js';
import { errorIn } from '../rules/problem.js';
import type { LintContext, LintProblem } from '../types.js';
import { runCheck } from './run-check.js';
import type { ToolCheck, ToolOutcome } from './tool-check.js';
import { withFolder, writeText } from './with-folder.js';

/** `verify` reads another root and fails on unknown keys from this version on. */
const FIRST_STRICT = 250;
const UNIT_FOLDER = /\/systemd\/system\//;
const UNKNOWN_KEY = /Unknown key '(\w+)' in section \[(\w+)\]/;

/** Every planned unit through the real `systemd-analyze verify`, in a tree of the plan's units and the distribution's. */
export function verifyUnits(context: LintContext): ToolCheck[] {
  const files = context.plan.files.filter((file) => UNIT_FOLDER.test(file.path));
  const key = digestOf({ files, family: context.family });
  return [{ check: 'systemd-analyze', key, run: (gate) => verify(gate, context, files) }];
}

async function verify(gate: Gate, context: LintContext, files: readonly PlannedFile[]): Promise<ToolOutcome> {
  const version = await systemdVersion(gate);
  if (version === undefined) return { skipped: 'systemd-analyze is not installed' };
  if (version < FIRST_STRICT)
    return { skipped: `systemd-analyze is of systemd ${version}; ${FIRST_STRICT} or newer is needed` };
  return await withFolder(async (root) => {
    await writeTree(root, context, files);
    const units = [...context.units.units.keys()].filter((name) => !context.units.masked.has(name)).sort();
    const output = await runCheck(gate, {
      file: 'systemd-analyze',
      args: ['verify', '--man=no', '--generators=no', `--root=${root}`, ...units],
      // One warning of systemd about its own stubs would otherwise be printed in colour codes.
      env: { SYSTEMD_LOG_COLOR: '0', SYSTEMD_LOG_LEVEL: 'notice' },
      reason: 'verify the units',
    });
    if (output.missing !== undefined) return { skipped: output.missing };
    const problems = output.lines.filter((line) => !isNewerKey(context, line, version)).map(toProblem(root));
    return { problems };
  });
}

async function systemdVersion(gate: Gate): Promise<number | undefined> {
  const output = await runCheck(gate, {
    file: 'systemd-analyze',
    args: ['--version'],
    reason: 'verify the units',
  });
  if (output.missing !== undefined) return undefined;
  return Number(/^systemd (\d+)/.exec(output.lines[0] ?? '')?.[1] ?? 0);
}

async function writeTree(root: string, context: LintContext, files: readonly PlannedFile[]): Promise<void> {
  for (const stub of distributionStubs(context)) {
    await writeText(path.join(root, 'usr/lib/systemd/system', stub.name), stub.content);
  }
  for (const file of files) {
    const target = path.join(root, file.path);
    if ('content' in file) await writeText(target, file.content);
    if (file.type !== 'link') continue;
    await mkdir(path.dirname(target), { recursive: true });
    await symlink(file.target, target);
  }
  for (const program of programs(context)) await writeText(path.join(root, program), '', 0o755);
}

/** The distribution's units as far as lint knows them, so that every name resolves and the real orderings are there. */
function distributionStubs({ data, family, units }: LintContext): { name: string; content: string }[] {
  return data.distribution.units
    .filter((unit) => unit.families?.includes(family) ?? true)
    .filter((unit) => units.units.get(unit.name)?.file === undefined)
    .map((unit) => {
      const defaults = unit.defaultDependencies === 'no' ? 'DefaultDependencies=no\n' : '';
      const order = `After=${(unit.after ?? []).join(' ')}\nBefore=${(unit.before ?? []).join(' ')}\n`;
      return { name: unit.name, content: `[Unit]\n${defaults}${order}${bodyOf(unit.name)}` };
    });
}

function bodyOf(name: string): string {
  if (name.endsWith('.service')) return '[Service]\nExecStart=/bin/true\n';
  return name.endsWith('.socket') ? `[Socket]\nListenStream=/run/${name}\n` : '';
}

function programs({ units }: LintContext): string[] {
  const named = [...units.units.values()].flatMap((unit) =>
    EXEC_KEYS.flatMap((key) => valuesOf(unit, 'Service', key)).map(
      ({ value }) => value.replace(/^[-@:+!|]+/, '').split(/\s/)[0] ?? '',
    ),
  );
  return [...new Set(['/bin/true', ...named])].filter((program) => program.startsWith('/'));
}

/** A key the target's systemd knows and the one here is too old for is no fault of the unit. */
function isNewerKey({ data, systemd }: LintContext, line: string, version: number): boolean {
  const [, name, section] = UNKNOWN_KEY.exec(line) ?? [];
  const known = data.directives.directives.find((entry) => entry.name === name && entry.section === section);
  return known !== undefined && known.since > version && known.since <= systemd;
}

function toProblem(root: string): (line: string) => LintProblem {
  return (line) => {
    const message = line.replaceAll(root, '');
    return errorIn(
      'systemd-analyze',
      /([\w@.-]+\.(service|socket|target))/.exec(message)?.[1] ?? 'units',
      message,
    );
  };
}
