import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder } from '../../artifacts/cache.js';
import { KilnError } from '../../errors.js';
import type { Gate } from '../../gate/gate.js';
import { runCommand } from '../../gate/run-command.js';
import type { Progress } from '../../progress.js';
import { requireRoot } from '../../tools/require-root.js';
import { inNamespaces } from './in-namespaces.js';
import type { Toolbox } from './toolbox.js';
import { loadToolboxDefinition, type ToolboxDefinition } from './toolbox-definition.js';

/**
 * The toolbox from the cache, made first where it is missing (about a minute and 320 MB; needs mmdebstrap, root and the
 * Debian archive). It appears under its name only when it is complete.
 *
 * @throws KilnError ROOT_NEEDED; ARTIFACTS_MISSING when it is not there and `offline`; TOOL_MISSING without mmdebstrap;
 *   COMMAND_FAILED with mmdebstrap's last lines.
 */
export async function ensureToolbox({
  gate,
  progress,
  offline = false,
}: {
  gate: Gate;
  progress: Progress;
  offline?: boolean | undefined;
}): Promise<Toolbox> {
  const { definition, digest } = loadToolboxDefinition();
  const root = cacheFolder('toolbox', digest);
  const toolbox: Toolbox = { root, digest };
  if (await exists(root)) return toolbox;
  if (offline) {
    throw new KilnError(
      'ARTIFACTS_MISSING',
      'The toolbox that builds disks was not made yet, and --offline forbids making it',
      { hint: 'Bake once without --offline.' },
    );
  }
  requireRoot('Making a disk with mkosi needs root: it keeps file owners and makes mounts of its own');
  progress.step(`Making the toolbox: ${definition.packages.length} packages of Debian ${definition.suite}`);
  await gate.perform({ verb: 'make', target: root, reason: 'the tools that build disks' }, () =>
    makeToolbox({ gate, progress, definition, root }),
  );
  return toolbox;
}

async function makeToolbox({
  gate,
  progress,
  definition,
  root,
}: {
  gate: Gate;
  progress: Progress;
  definition: ToolboxDefinition;
  root: string;
}): Promise<void> {
  await mkdir(path.dirname(root), { recursive: true });
  const half = await mkdtemp(`${root}.half-`);
  try {
    await bootstrap({ gate, progress, definition, half });
    // Mount points for the host's own files: how the toolbox finds the network.
    await writeFile(path.join(half, 'etc', 'resolv.conf'), '');
    await writeFile(path.join(half, 'etc', 'hosts'), '');
    await rename(half, root);
  } catch (error) {
    await rm(half, { recursive: true, force: true });
    // Someone else made the same one meanwhile: theirs is as good.
    if (!(await exists(root))) throw error;
  }
}

/** mmdebstrap in namespaces of its own: an interrupt ends all it started and leaves no mount that `rm` could walk into. */
async function bootstrap({
  gate,
  progress,
  definition: { suite, mirror, components, packages },
  half,
}: {
  gate: Gate;
  progress: Progress;
  definition: ToolboxDefinition;
  half: string;
}): Promise<void> {
  const command = [
    ...['mmdebstrap', '--mode=root', '--variant=apt', '--format=directory'],
    ...['--aptopt=Apt::Install-Recommends "false"', `--include=${packages.join(',')}`],
    ...[`--components=${components.join(',')}`, suite, half, mirror],
  ];
  await runCommand(gate, {
    ...inNamespaces(command, { options: ['--mount-proc'] }),
    onLine: (line) => progress.note(line),
    reason: 'make the toolbox that builds disks',
  });
}

async function exists(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found !== undefined;
}
