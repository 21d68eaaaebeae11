import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder } from '../../artifacts/cache.js';
import { isMade, makeRoot } from '../../build/toolbox/make-root.js';
import { KilnError } from '../../errors.js';
import type { Gate } from '../../gate/gate.js';
import type { Progress } from '../../progress.js';
import { requireRoot } from '../../tools/require-root.js';
import { loadUmlDefinition, type UmlDefinition } from './uml-definition.js';
import { MODULES, type UserModeLinux } from './user-mode-linux.js';

/** Inside the root: what it was made of. */
const PACKAGES = 'kiln-packages.sha256';

/** Run by mmdebstrap when the packages have been checked and are still there; $1 is the root. */
const RECORD = `cd "$1/var/cache/apt/archives" && sha256sum *.deb > "$1/${PACKAGES}"`;

/**
 * User-mode Linux from the cache, fetched first where it is missing (about 10 s and 250 MB; needs mmdebstrap, root and
 * the Debian archive, whose signatures are checked). It appears under its name only when it is complete.
 *
 * @throws KilnError TOOL_MISSING on a processor it does not exist for, or without mmdebstrap; ROOT_NEEDED;
 *   ARTIFACTS_MISSING when it is not there and `offline`; COMMAND_FAILED with mmdebstrap's last lines.
 */
export async function ensureUserModeLinux({
  gate,
  progress,
  offline = false,
  architecture = process.arch,
}: {
  gate: Gate;
  progress: Progress;
  offline?: boolean | undefined;
  /** For tests. */
  architecture?: string;
}): Promise<UserModeLinux> {
  if (architecture !== 'x64') {
    throw new KilnError('TOOL_MISSING', `There is no user-mode Linux for this processor (${architecture})`, {
      hint: 'It exists for x86-64 only: test with QEMU.',
    });
  }
  const { definition, digest } = loadUmlDefinition();
  const root = cacheFolder('uml', digest);
  if (await isMade(root)) return await describe(root);
  if (offline) {
    throw new KilnError(
      'ARTIFACTS_MISSING',
      'User-mode Linux was not fetched yet, and --offline forbids it',
      { hint: 'Test once without --offline, or with QEMU.' },
    );
  }
  requireRoot('Running machines under user-mode Linux needs root: it makes mounts in a namespace of its own');
  progress.step(
    `Fetching user-mode Linux: ${definition.packages.length} packages of Debian ${definition.suite}`,
  );
  await gate.perform({ verb: 'make', target: root, reason: 'the kernel of the fast rig' }, () =>
    makeRoot({
      gate,
      progress,
      root,
      command: (half) => unpackCommand(definition, half),
      reason: 'fetch user-mode Linux',
    }),
  );
  const { tried } = definition;
  if (gate.dryRun) return { root, release: tried.kernel, packages: [] };
  const kernel = await describe(root);
  if (kernel.release !== tried.kernel)
    progress.note(`kernel ${kernel.release}; kiln was last tried with ${tried.kernel}`);
  return kernel;
}

function unpackCommand({ suite, mirror, components, packages }: UmlDefinition, half: string): string[] {
  return [
    ...['mmdebstrap', '--mode=root', '--variant=extract', '--format=directory'],
    ...['--aptopt=Apt::Install-Recommends "false"'],
    // A mirror may follow a suite that changes daily only now and then; signatures are checked all the same.
    ...['--aptopt=Acquire::Check-Valid-Until "false"', `--extract-hook=${RECORD}`],
    ...[`--components=${components.join(',')}`, `--include=${packages.join(',')}`, suite, half, mirror],
  ];
}

async function describe(root: string): Promise<UserModeLinux> {
  const [release] = await readdir(path.join(root, MODULES));
  if (release === undefined) throw new RangeError(`no kernel in ${root}`);
  const packages = (await readFile(path.join(root, PACKAGES), 'utf8')).trimEnd().split('\n');
  return { root, release, packages };
}
