import { isOlder, minorOf } from '../catalog/compare-versions.js';
import type { Lock } from '../lock/lock.js';
import type { LockedArtifact } from '../plan/types.js';
import type { Asker } from './asker.js';
import { compareDebianVersions } from './compare-debian-versions.js';
import type { ArtifactUpdate } from './update-artifacts.js';

/**
 * The artifacts of a lock made from the Debian archive, as the mirror has them now (`bake fetch --source debian` makes it
 * anew from the archive's signed index). Under one URL only another Debian package may have other bytes. A mirror of
 * another kind or minor is not taken from, nor is anything older.
 */
export function takeFromMirror(lock: Lock, mirrorLock: Lock | undefined, asker: Asker): ArtifactUpdate {
  const unfit = unfitness(lock, mirrorLock);
  const mirrored = unfit === undefined ? mirrorLock : undefined;
  const update: ArtifactUpdate = {
    kubernetes: lock.kubernetes,
    artifacts: [],
    changes: [],
    kept: [],
    changedDigests: [],
  };
  if (mirrored !== undefined) {
    asker.hear();
    if (isOlder(lock.kubernetes, mirrored.kubernetes)) update.kubernetes = mirrored.kubernetes;
  }
  for (const artifact of lock.artifacts) {
    const now = mirrored?.artifacts.find(
      ({ name, arch }) => name === artifact.name && arch === artifact.arch,
    );
    update.artifacts.push(judge(artifact, now, unfit, update));
  }
  return update;
}

/** Why nothing can be taken from the mirror. */
function unfitness(lock: Lock, mirrored: Lock | undefined): string | undefined {
  const renew = '`bake fetch --source debian` renews the mirror, and --mirror names it';
  if (mirrored === undefined) return `made from the Debian archive: ${renew}`;
  if (mirrored.source !== 'debian') return `the mirror has the projects’ own files: ${renew}`;
  const [ours, theirs] = [minorOf(lock.kubernetes), minorOf(mirrored.kubernetes)];
  return ours === theirs ? undefined : `the mirror is of Kubernetes ${theirs}, the lock of ${ours}`;
}

/** The entry as it is to be. */
function judge(
  before: LockedArtifact,
  now: LockedArtifact | undefined,
  unfit: string | undefined,
  update: ArtifactUpdate,
): LockedArtifact {
  const { name, version, url, digest, source } = before;
  if (now === undefined) {
    update.kept.push({ name, version, reason: unfit ?? 'the mirror does not have it' });
  } else if (now.digest === digest) {
    update.kept.push({ name, version, reason: 'is what the mirror has' });
  } else if (isOlderPackage(now, before)) {
    update.kept.push({ name, version, reason: `the mirror has ${packageOf(now)}, which is older` });
  } else if (now.url === url && now.source === source) {
    update.changedDigests.push({ name, url, locked: digest, published: now.digest, source: now.source });
  } else {
    const [from, to] = [packageOf(before), packageOf(now)];
    update.changes.push({ name, before: from, after: to, reason: 'made anew from the Debian archive' });
    return now;
  }
  return before;
}

/** Where both are of one Debian package its own version decides, which a repair of it changes and nothing else. */
function isOlderPackage(left: LockedArtifact, right: LockedArtifact): boolean {
  const [a, b] = [packageOf(left), packageOf(right)].map((text) => text.split(' ')) as [string[], string[]];
  if (a[1] === undefined || b[1] === undefined || a[0] !== b[0]) return isOlder(left.version, right.version);
  return compareDebianVersions(a[1], b[1]) < 0;
}

/** `runc 1.1.5+ds1-1+deb12u1`, as the lock's source line names it; the version alone says nothing of the package's own. */
function packageOf({ version, source }: LockedArtifact): string {
  return /(?:repacked|built) from (\S+ \S+)/.exec(source)?.[1] ?? version;
}
