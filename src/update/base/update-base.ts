import type { OperatingSystem } from '../../catalog/os.js';
import { KilnError } from '../../errors.js';
import type { Gate } from '../../gate/gate.js';
import type { Lock } from '../../lock/lock.js';
import type { Arch, BaseImage } from '../../plan/types.js';
import type { Asker } from '../asker.js';
import type { ChangedDigest } from '../types.js';
import { updateArchive } from './archive.js';
import { updateDisk } from './disk.js';

export type BaseKind = BaseImage['kind'];

/** What every kind of base is asked with. */
export interface BaseQuestion {
  gate: Gate;
  asker: Asker;
  os: OperatingSystem;
  arch: Arch;
  offline?: boolean | undefined;
  /** AWS region; that of the lock's base otherwise. */
  region?: string | undefined;
}

/** What became of the base: another one with the `reason`, or `kept` and why. */
export interface BaseUpdate {
  base?: BaseImage;
  reason?: string;
  kept?: string;
  changedDigest?: ChangedDigest;
}

/** The newest base of the kind the lock has, or of `kind` where it has none. @throws KilnError UPDATE_FAILED, TOOL_MISSING */
export async function updateBase(
  question: BaseQuestion,
  { current, kind }: { current: Lock['base']; kind: BaseKind },
): Promise<BaseUpdate & { before: Lock['base'] }> {
  const before = current ?? (kind === 'disk' ? officialDisk(question) : undefined);
  return { ...(await askByKind(question, before, before?.kind ?? kind)), before };
}

async function askByKind(question: BaseQuestion, base: Lock['base'], kind: BaseKind): Promise<BaseUpdate> {
  if (kind === 'disk') return await updateDisk(question, base?.kind === 'disk' ? base : undefined);
  if (kind === 'archive') return await updateArchive(question, base?.kind === 'archive' ? base : undefined);
  const { updateAmi } = await import('./ami.js');
  return await updateAmi(question, base?.kind === 'ami' ? base : undefined);
}

function officialDisk({ os, arch }: BaseQuestion): Lock['base'] {
  const image = os.images.find((candidate) => candidate.arch === arch && candidate.cpu === undefined);
  if (image === undefined) return undefined;
  const { url, digest, source } = image;
  return { kind: 'disk', url, source, ...(digest === undefined ? {} : { digest }) };
}

/** Bytes under one address changed: told with both digests, and nothing is written. */
export function digestChanged(changed: readonly ChangedDigest[]): KilnError {
  const list = changed
    .map(
      ({ name, url, locked, published, source }) =>
        `  ${name} ${url}\n    locked    ${locked}\n    published ${published} (${source})`,
    )
    .join('\n');
  return new KilnError('DIGEST_CHANGED', `Under the same URL there are other bytes now:\n${list}`, {
    hint: 'Nothing was written. A released file never changes: either it was tampered with or published anew. Ask the project before you take its entry out of the lock.',
  });
}
