import { loadOs } from '../../catalog/load-catalog.js';
import { KilnError } from '../../errors.js';
import type { Gate } from '../../gate/gate.js';
import type { Plan } from '../../plan/types.js';
import type { Progress } from '../../progress.js';
import type { RenderedFile } from '../../render/render-template.js';
import type { Toolbox } from '../toolbox/toolbox.js';
import { type Archive, archivesOf } from './mkosi-facts.js';
import { type Tree, treeFolder } from './tree-cache.js';

/**
 * The cached tree this bake starts from or makes. A dry run asks the network nothing, like `offline`.
 *
 * @throws KilnError ARTIFACTS_MISSING when offline and these packages were never installed, BASE_UNREACHABLE when online,
 *   DIGEST_MISMATCH when the lock pins another state of the archive than it is in now.
 */
export async function chooseTree({
  gate,
  plan,
  progress,
  config,
  offline,
  toolbox,
}: {
  gate: Gate;
  plan: Plan;
  progress: Progress;
  config: readonly RenderedFile[];
  offline: boolean;
  toolbox: Toolbox;
}): Promise<Tree> {
  const { base, spec } = plan;
  const archives = archivesOf({ os: loadOs(spec.os), base });
  const pinned = base?.kind === 'archive' ? base.digest : undefined;
  const tree = await treeFolder({
    name: `${spec.os}-${spec.arch}`,
    arch: spec.arch,
    pinned,
    toolbox: toolbox.digest,
    config,
    archives: offline || gate.dryRun ? [] : archives,
    signal: gate.signal,
  });
  if (!tree.complete && !gate.dryRun) {
    if (offline) throw packagesMissing(plan);
    if (!tree.archiveAnswered) throw archiveUnreachable(archives);
  }
  if (!tree.archiveAnswered && pinned === undefined)
    progress.note('not asking the package archive; using the packages installed last');
  return tree;
}

function packagesMissing({ spec, packages }: Plan): KilnError {
  const names = packages.join(', ');
  return new KilnError(
    'ARTIFACTS_MISSING',
    `Offline, and these packages for ${spec.os} were not installed by an earlier bake: ${names}`,
    { hint: 'Bake once without --offline; the installed packages stay in the cache.' },
  );
}

function archiveUnreachable(archives: readonly Archive[]): KilnError {
  const urls = archives.map(({ url }) => url).join(' and ');
  return new KilnError('BASE_UNREACHABLE', `The package archive does not answer: ${urls}`, {
    hint: 'Check the network and http_proxy, or name another archive in the lock as its base.',
  });
}
