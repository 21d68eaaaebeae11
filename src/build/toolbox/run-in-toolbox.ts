import { mkdir } from 'node:fs/promises';
import { cacheFolder } from '../../artifacts/cache.js';
import type { Gate } from '../../gate/gate.js';
import { type Command, runCommand } from '../../gate/run-command.js';
import { ENTER_SCRIPT } from './enter-script.js';
import { inNamespaces } from './in-namespaces.js';
import type { Bind, Toolbox } from './toolbox.js';

/** Variables of the caller that a command in the toolbox is given; all others stay outside. */
const PASSED_VARIABLES = ['http_proxy', 'https_proxy', 'no_proxy', 'TERM'];

/**
 * Runs one command with the toolbox as its root and `binds` as its only view of the host's files; `command.cwd` is a path
 * inside. It has its own mount and process namespaces (`offline`: and a network without any interface): when it ends, for whatever reason, its mounts and children are gone.
 *
 * @throws KilnError as `runCommand` does.
 */
export async function runInToolbox(
  gate: Gate,
  toolbox: Toolbox,
  command: Command,
  {
    binds = [],
    capture = false,
    offline = false,
  }: { binds?: readonly Bind[]; capture?: boolean; offline?: boolean } = {},
): Promise<string> {
  const stage = cacheFolder('toolbox', 'stage');
  if (!gate.dryRun) await mkdir(stage, { recursive: true });
  const { cwd, env, ...rest } = command;
  const inside = [
    ...['sh', '-c', ENTER_SCRIPT, 'kiln-toolbox', toolbox.root, stage, String(binds.length)],
    ...binds.flatMap(({ source, target, readOnly = false }) => [source, target, readOnly ? 'ro' : 'rw']),
    ...[cwd ?? '/', 'env', '-i', ...environment(env), command.file, ...command.args],
  ];
  const wrapped = inNamespaces(inside, { options: offline ? ['--net'] : [] });
  return runCommand(gate, { ...rest, ...wrapped }, { capture });
}

function environment(extra: Readonly<Record<string, string>> = {}): string[] {
  const passed = PASSED_VARIABLES.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [`${name}=${value}`];
  });
  const own = Object.entries(extra).map(([name, value]) => `${name}=${value}`);
  return ['HOME=/root', 'LANG=C.UTF-8', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', ...passed, ...own];
}
