import { existsSync } from 'node:fs';
import path from 'node:path';
import { loadOs } from '../../catalog/load-catalog.js';
import { KilnError } from '../../errors.js';
import type { Lock } from '../../lock/lock.js';
import { LOCK_FILE } from '../../lock/lock-file.js';
import { readLock } from '../../lock/read-lock.js';
import { readConfig } from '../../spec/read-config.js';
import { resolveSpec, type Selectors } from '../../spec/resolve-spec.js';
import type { Config } from '../../spec/spec.js';
import type { BaseKind } from '../../update/base/update-base.js';
import { checkLock } from '../../update/check-lock.js';
import { formatUpdate } from '../../update/format-update.js';
import { updateLock } from '../../update/update-lock.js';
import { formatActions, printResult } from '../print.js';
import { withSession } from '../session.js';

type UpdateCommandOptions = Selectors & {
  target?: 'disk' | 'aws' | undefined;
  region?: string | undefined;
  check?: true | undefined;
  offline?: true | undefined;
  dryRun?: true | undefined;
  json?: true | undefined;
};

/** `bake update`: prints what is newer, old → new with reasons, and writes the lock unless told only to check. */
export async function runUpdate(options: UpdateCommandOptions): Promise<void> {
  const config = await readConfig(options.config);
  const mirror = options.mirror ?? config.mirror;
  const file = options.lock ?? config.lock ?? LOCK_FILE;
  const exists = existsSync(file);
  const mirrorFile = mirror === undefined ? undefined : path.join(mirror, LOCK_FILE);
  const hasMirrorLock = mirrorFile !== undefined && existsSync(mirrorFile);
  const mirrorLock = hasMirrorLock ? readLock(mirrorFile) : undefined;
  // A lock that is not there yet is made from the mirror's, else from the catalog's pins.
  const from = exists ? file : hasMirrorLock ? mirrorFile : undefined;
  const { spec, lock } = await resolveSpec({ ...options, lock: from, ignoreLocks: from === undefined });
  checkTarget(options.target ?? config.target, lock, file);
  checkLock({ lock, os: spec.os, arch: spec.arch, file: from ?? file });
  await withSession(options, async ({ gate, progress }) => {
    progress.step('Asking what is newest');
    const result = await updateLock({
      gate,
      spec,
      lock,
      file,
      exists,
      mirror,
      mirrorLock,
      offline: options.offline,
      baseKind: kindOfBase(spec.os, { ...config, target: options.target ?? config.target }),
      region: options.region ?? config.aws?.region,
      check: options.check,
    });
    progress.end();
    if (gate.dryRun) printResult(gate.actions, formatActions(gate.actions), options);
    else printResult(result, formatUpdate(result), options);
  });
}

/** @throws KilnError USAGE: an AMI and a disk start from different things, and a lock names one. */
function checkTarget(target: Config['target'], { base }: Lock, file: string): void {
  if (target === undefined || base === undefined || (target === 'aws') === (base.kind === 'ami')) return;
  const kind = base.kind === 'ami' ? 'an AMI' : base.kind === 'disk' ? 'a cloud image' : 'a package archive';
  throw new KilnError(
    'USAGE',
    `The base in ${file} is ${kind}, which --target ${target} does not start from`,
    {
      hint: 'Keep one lock for disks and one for AMIs: name the other with --lock.',
    },
  );
}

/** What a bake of this configuration starts from. */
function kindOfBase(os: string, { target, engine }: Pick<Config, 'target' | 'engine'>): BaseKind {
  if (target === 'aws') return 'ami';
  const usesArchive = engine === undefined ? loadOs(os).engines.includes('mkosi') : engine === 'mkosi';
  return usesArchive ? 'archive' : 'disk';
}
