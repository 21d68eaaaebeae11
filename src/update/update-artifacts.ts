import { isOlder, minorOf } from '../catalog/compare-versions.js';
import type { Lock } from '../lock/lock.js';
import type { LockedArtifact } from '../plan/types.js';
import type { Asker } from './asker.js';
import { newestPatch } from './newest-version.js';
import { checksumOf } from './parse-checksums.js';
import type { ChangedDigest, KeptEntry, LockChange } from './types.js';
import { type ArtifactSources, loadUpdates } from './update-catalog.js';

/** What became of the lock's artifacts; `artifacts` are in the lock's own order. */
export interface ArtifactUpdate {
  kubernetes: string;
  artifacts: LockedArtifact[];
  changes: LockChange[];
  kept: KeptEntry[];
  changedDigests: ChangedDigest[];
}

/**
 * The newest patch release of each artifact that its publisher keeps lists of, with the digest of the publisher's checksum
 * file. What is published together (Kubernetes) moves together or not at all.
 */
export async function updateArtifacts(lock: Lock, asker: Asker): Promise<ArtifactUpdate> {
  const { artifacts: known } = loadUpdates();
  const update: ArtifactUpdate = {
    kubernetes: lock.kubernetes,
    artifacts: [...lock.artifacts],
    changes: [],
    kept: [],
    changedDigests: [],
  };
  const hasList = new Set(known.flatMap(({ names }) => names));
  for (const sources of known) {
    const members = lock.artifacts.filter(({ name }) => sources.names.includes(name));
    for (const [version, set] of Map.groupBy(members, (artifact) => artifact.version))
      await updateSet({ sources, version, set, asker, update });
  }
  const others = lock.artifacts.filter(({ name }) => !hasList.has(name));
  update.kept.push(...others.map(({ name, version }) => ({ name, version, reason: reasonToKeep(name) })));
  return update;
}

interface SetUpdate {
  sources: ArtifactSources;
  version: string;
  set: readonly LockedArtifact[];
  asker: Asker;
  update: ArtifactUpdate;
}

async function updateSet(given: SetUpdate): Promise<void> {
  const { sources, version, set, asker, update } = given;
  const about = sources.isKubernetes ? 'kubernetes' : (set[0]?.name ?? '');
  const newest = await newestPatch({ sources, version, about, asker });
  const isNewer = newest !== undefined && isOlder(version, newest.version);
  const renewed = isNewer ? await withDigests(given, newest.version) : undefined;
  if (newest !== undefined && renewed !== undefined) {
    const reason = `newest patch release of ${minorOf(version)}, says ${newest.url}`;
    if (sources.isKubernetes) update.kubernetes = newest.version;
    update.artifacts = update.artifacts.map(
      (artifact) =>
        renewed.find(({ name, arch }) => name === artifact.name && arch === artifact.arch) ?? artifact,
    );
    update.changes.push(...set.map(({ name }) => ({ name, before: version, after: newest.version, reason })));
    return;
  }
  await checkDigests(given);
  const reason = keptReason(newest?.version, isNewer);
  update.kept.push(...set.map(({ name }) => ({ name, version, reason })));
}

function keptReason(newest: string | undefined, isNewer: boolean): string {
  if (newest === undefined) return 'its publisher could not be asked for the newest release';
  return isNewer
    ? `${newest} is out, but not all of its digests could be had`
    : 'is the newest patch release';
}

/** The set at another version; `undefined` unless the publisher names a digest for each. */
async function withDigests(
  { sources, version, set, asker }: SetUpdate,
  next: string,
): Promise<LockedArtifact[] | undefined> {
  const renewed = await Promise.all(
    set.map(async (artifact) => {
      const url = artifact.url.replaceAll(version, next);
      const published = await publishedDigest({ ...artifact, url }, sources, asker);
      return published === undefined ? undefined : { ...artifact, version: next, url, ...published };
    }),
  );
  const complete = renewed.filter((artifact) => artifact !== undefined);
  return complete.length === set.length ? complete : undefined;
}

/** Bytes at one URL never change: that the publisher names another digest means that something is wrong. */
async function checkDigests({ sources, set, asker, update }: SetUpdate): Promise<void> {
  for (const artifact of set) {
    const published = await publishedDigest(artifact, sources, asker);
    if (published === undefined || !isSameAlgorithm(published.digest, artifact.digest)) continue;
    if (published.digest === artifact.digest) continue;
    const { name, url, digest: locked } = artifact;
    update.changedDigests.push({ name, url, locked, published: published.digest, source: published.source });
  }
}

async function publishedDigest(
  { name, url, digest }: LockedArtifact,
  { checksums }: ArtifactSources,
  asker: Asker,
): Promise<{ digest: string; source: string } | undefined> {
  const source = checksums
    .replace('{url}', url)
    .replace('{folder}', url.slice(0, url.lastIndexOf('/')))
    .replace('{algorithm}', digest.slice(0, digest.indexOf(':')));
  const text = await asker.ask(source, name);
  if (text === undefined) return undefined;
  const published = checksumOf(url, text);
  if (published === undefined)
    asker.note({ about: name, url: source, reason: 'it names no digest of this file' });
  return published === undefined ? undefined : { digest: published, source };
}

function isSameAlgorithm(left: string, right: string): boolean {
  return left.length === right.length;
}

function reasonToKeep(name: string): string {
  const known = loadUpdates().kept.find(({ names }) => names.includes(name));
  return known?.reason ?? 'kiln knows no list of its releases';
}
