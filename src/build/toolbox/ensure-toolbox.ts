import { cacheFolder } from '../../artifacts/cache.js';
import { KilnError } from '../../errors.js';
import type { Gate } from '../../gate/gate.js';
import type { Progress } from '../../progress.js';
import { requireRoot } from '../../tools/require-root.js';
import { isMade, makeRoot } from './make-root.js';
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
  if (await isMade(root)) return toolbox;
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
    makeRoot({
      gate,
      progress,
      root,
      command: (half) => bootstrapCommand(definition, half),
      reason: 'make the toolbox that builds disks',
    }),
  );
  return toolbox;
}

function bootstrapCommand(
  { suite, mirror, components, packages }: ToolboxDefinition,
  half: string,
): string[] {
  return [
    ...['mmdebstrap', '--mode=root', '--variant=apt', '--format=directory'],
    ...['--aptopt=Apt::Install-Recommends "false"', `--include=${packages.join(',')}`],
    ...[`--components=${components.join(',')}`, suite, half, mirror],
  ];
}
