import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '../artifacts/write-file-atomically.js';
import { loadOs } from '../catalog/load-catalog.js';
import { KilnError } from '../errors.js';
import type { Gate } from '../gate/gate.js';
import { editLock } from '../lock/edit-lock.js';
import type { Lock } from '../lock/lock.js';
import { writeLock } from '../lock/write-lock.js';
import { createPlan } from '../plan/plan.js';
import type { Finding, PlannedSpec } from '../plan/types.js';
import { type Asker, createAsker, type Unanswered } from './asker.js';
import { describeBase } from './base/describe-base.js';
import { type BaseKind, digestChanged, updateBase } from './base/update-base.js';
import { takeFromMirror } from './take-from-mirror.js';
import type { KeptEntry, LockChange } from './types.js';
import { type ArtifactUpdate, updateArtifacts } from './update-artifacts.js';

export interface UpdateOptions {
  gate: Gate;
  spec: PlannedSpec;
  /** What the lock is now; of `file` where that `exists`, else what it is to be made from. */
  lock: Lock;
  file: string;
  exists: boolean;
  /** The lock of the mirror, for artifacts made from the Debian archive. */
  mirrorLock?: Lock | undefined;
  mirror?: string | undefined;
  offline?: boolean | undefined;
  /** Which kind of base to record where the lock has none. */
  baseKind: BaseKind;
  region?: string | undefined;
  /** Only say what would change. */
  check?: boolean | undefined;
}

/** What `bake update` found and did. */
export interface UpdateResult {
  lock: string;
  changed: boolean;
  written: boolean;
  changes: LockChange[];
  kept: KeptEntry[];
  /** Questions that nobody answered; what they were about stays as it was. */
  unanswered: readonly Unanswered[];
}

/**
 * Refreshes a lock file: the newest base, the newest patch release of everything whose publisher lists them, digests from the
 * publishers' checksum files.
 *
 * @throws KilnError DIGEST_CHANGED with both digests; UPDATE_FAILED when nobody could be asked or a signature is bad;
 *   PAIR_REFUSED when the support matrix refuses the result; in each case nothing is written
 */
export async function updateLock(options: UpdateOptions): Promise<UpdateResult> {
  const { gate, spec, lock, file, exists, check } = options;
  const asker = createAsker(options);
  const found = await ask(options, asker);
  refuseChangedDigests(found);
  if (asker.isUnheard) throw nobodyAnswered(asker);
  const renewed = renew(lock, found);
  refuseBadPair(spec, lock, renewed);
  const { changes, kept } = tell(lock, found);
  const changed = changes.length > 0 || !exists;
  const written = changed && check !== true;
  if (written) await (exists ? edit(options, renewed) : writeLock({ gate, lock: renewed, file }));
  const { unanswered } = asker;
  return { lock: file, changed, written: written && !gate.dryRun, changes, kept, unanswered };
}

/** What became of each part of the lock. */
interface Found {
  artifacts: ArtifactUpdate;
  base: Awaited<ReturnType<typeof updateBase>>;
}

async function ask(options: UpdateOptions, asker: Asker): Promise<Found> {
  const { gate, spec, lock, mirrorLock, offline, baseKind, region } = options;
  const artifacts = await (lock.source === 'debian'
    ? takeFromMirror(lock, mirrorLock, asker)
    : updateArtifacts(lock, asker));
  const question = { gate, asker, os: loadOs(spec.os), arch: spec.arch, offline, region };
  return { artifacts, base: await updateBase(question, { current: lock.base, kind: baseKind }) };
}

function refuseChangedDigests({ artifacts, base }: Found): void {
  const { changedDigest } = base;
  const changed = [...artifacts.changedDigests, ...(changedDigest === undefined ? [] : [changedDigest])];
  if (changed.length > 0) throw digestChanged(changed);
}

function nobodyAnswered({ unanswered }: Asker): KilnError {
  const list = unanswered.map(({ about, url, reason }) => `  ${about}: ${reason}\n    ${url}`).join('\n');
  return new KilnError('UPDATE_FAILED', `Nothing could be asked; the lock stays as it is:\n${list}`, {
    hint: 'Check the network and https_proxy, or give a mirror of these files with --mirror DIR.',
  });
}

function renew(lock: Lock, { artifacts: { kubernetes, artifacts }, base: { base } }: Found): Lock {
  return { ...lock, kubernetes, artifacts, ...(base === undefined ? {} : { base }) };
}

/** A pair that was refused before is the person's own choice. */
function refuseBadPair(spec: PlannedSpec, lock: Lock, renewed: Lock): void {
  const before = createPlan(spec, lock);
  const after = createPlan({ ...spec, kubernetes: renewed.kubernetes }, renewed);
  if (after.verdict !== 'refused' || before.verdict === 'refused') return;
  const reasons = after.findings.filter(({ verdict }: Finding) => verdict === 'refused');
  throw new KilnError(
    'PAIR_REFUSED',
    `The newest releases do not go with ${spec.os}:\n${reasons.map(({ reason }) => `  ${reason}`).join('\n')}`,
    { hint: 'Nothing was written; the lock as it is can be baked.' },
  );
}

function tell(lock: Lock, { artifacts, base }: Found): Pick<UpdateResult, 'changes' | 'kept'> {
  const changes = [...kubernetesChange(lock, artifacts), ...artifacts.changes];
  const kept = [...artifacts.kept];
  const before = describeBase(base.before);
  if (base.reason === undefined) kept.push({ name: 'base', version: before, reason: base.kept ?? '' });
  else changes.push({ name: 'base', before, after: describeBase(base.base), reason: base.reason });
  return { changes, kept };
}

function kubernetesChange(lock: Lock, { kubernetes, changes }: ArtifactUpdate): LockChange[] {
  if (kubernetes === lock.kubernetes) return [];
  const reason = changes[0]?.reason ?? 'is what the mirror has';
  return [{ name: 'kubernetes', before: lock.kubernetes, after: kubernetes, reason }];
}

async function edit({ gate, lock, file }: UpdateOptions, renewed: Lock): Promise<void> {
  await gate.perform({ verb: 'write', target: file, reason: 'what is newer' }, async () => {
    const text = await readFile(file, 'utf8');
    await writeFileAtomically(file, editLock({ text, before: lock, after: renewed }));
  });
}
