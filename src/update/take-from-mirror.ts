import type { Lock } from '../lock/lock.js';
import type { LockedArtifact } from '../plan/types.js';
import type { ArtifactUpdate } from './update-artifacts.js';

/**
 * The artifacts of a lock made from the Debian archive, as the mirror has them now (`bake fetch --source debian` makes it
 * anew from the archive's signed index). Under one URL only another Debian package may have other bytes.
 */
export function takeFromMirror(lock: Lock, mirrored: Lock | undefined): ArtifactUpdate {
  const update: ArtifactUpdate = {
    kubernetes: mirrored?.kubernetes ?? lock.kubernetes,
    artifacts: [],
    changes: [],
    kept: [],
    changedDigests: [],
  };
  for (const artifact of lock.artifacts) {
    const now = mirrored?.artifacts.find(
      ({ name, arch }) => name === artifact.name && arch === artifact.arch,
    );
    update.artifacts.push(now ?? artifact);
    judge(artifact, now, update);
  }
  return update;
}

function judge(before: LockedArtifact, now: LockedArtifact | undefined, update: ArtifactUpdate): void {
  const { name, version, url, digest, source } = before;
  if (now === undefined) {
    const reason =
      'made from the Debian archive: `bake fetch --source debian` renews the mirror, and --mirror names it';
    update.kept.push({ name, version, reason });
  } else if (now.digest === digest) {
    update.kept.push({ name, version, reason: 'is what the mirror has' });
  } else if (now.url === url && now.source === source) {
    update.changedDigests.push({ name, url, locked: digest, published: now.digest, source: now.source });
  } else {
    const [from, to] = [packageOf(before), packageOf(now)];
    update.changes.push({ name, before: from, after: to, reason: 'made anew from the Debian archive' });
  }
}

/** `runc 1.1.5+ds1-1+deb12u1`, as the lock's source line names it; the version alone says nothing of the package's own. */
function packageOf({ version, source }: LockedArtifact): string {
  return /(?:repacked|built) from (\S+ \S+)/.exec(source)?.[1] ?? version;
}
