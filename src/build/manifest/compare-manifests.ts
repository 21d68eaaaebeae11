import { compareText } from '../../plan/canonical-json.js';
import type { TreeEntry } from '../disk/list-tree.js';
import { compareTrees, type TreeDifference } from './compare-trees.js';
import type { Manifest } from './make-manifest.js';

/** A package or artifact on both sides or on one; `''` on the side that lacks it. */
export interface VersionChange {
  name: string;
  before: string;
  after: string;
}

/** What came, what went, what is another now. Each list is sorted by name. */
export interface Changes<Item> {
  added: Item[];
  removed: Item[];
  changed: Item[];
}

export interface ManifestComparison {
  /** Both were made from one plan. */
  samePlan: boolean;
  before: ManifestSummary;
  after: ManifestSummary;
  packages: Changes<VersionChange>;
  /** Changed: another version, or other bytes under the same version. */
  artifacts: Changes<VersionChange>;
  /** Paths; `changed` says by what. Sizes are in bytes, 0 for what is no regular file. */
  files: Changes<FileChange>;
}

export interface ManifestSummary {
  imageId: string;
  engine: string;
  /** Bytes of the disk, and of all its regular files together. */
  diskSize: number;
  fileSize: number;
}

export interface FileChange {
  path: string;
  /** `content`, `mode`, `owner`, `target` or `type`; `only-left` removed, `only-right` added. */
  kind: TreeDifference['kind'];
  before: string;
  after: string;
  sizeBefore: number;
  sizeAfter: number;
}

/** What differs between two images, by their manifests. Pure; `before` is the older one. */
export function compareManifests(before: Manifest, after: Manifest): ManifestComparison {
  return {
    samePlan: before.plan.digest === after.plan.digest,
    before: summary(before),
    after: summary(after),
    packages: versionChanges(packageVersions(before), packageVersions(after)),
    artifacts: versionChanges(artifactVersions(before), artifactVersions(after)),
    files: fileChanges(before.files, after.files),
  };
}

function summary({ imageId, engine, disk, files }: Manifest): ManifestSummary {
  const fileSize = files.reduce((sum, { size = 0 }) => sum + size, 0);
  return { imageId, engine, diskSize: disk.size, fileSize };
}

/** Name (with the architecture where the image has several of that name) → versions; RPM may keep several of one. */
function packageVersions({ packages }: Manifest): Map<string, string> {
  const architectures = new Map<string, Set<string>>();
  for (const { name, architecture } of packages) {
    architectures.set(name, (architectures.get(name) ?? new Set()).add(architecture));
  }
  return versionsByName(
    packages.map(({ name, version, architecture }) => ({
      name: (architectures.get(name)?.size ?? 0) > 1 ? `${name}:${architecture}` : name,
      version,
    })),
  );
}

/** The digest counts too: a rebuilt artifact keeps its version. */
function artifactVersions({ lock }: Manifest): Map<string, string> {
  return versionsByName(
    lock.artifacts.map(({ name, version, digest }) => ({
      name,
      version: `${version} (${shortDigest(digest)})`,
    })),
  );
}

function shortDigest(digest: string): string {
  return digest.slice(0, digest.indexOf(':') + 13);
}

function versionsByName(items: readonly { name: string; version: string }[]): Map<string, string> {
  const versions = new Map<string, string[]>();
  for (const { name, version } of items) versions.set(name, [...(versions.get(name) ?? []), version]);
  return new Map([...versions].map(([name, all]) => [name, all.sort(compareText).join(', ')]));
}

function versionChanges(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): Changes<VersionChange> {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort(compareText);
  const all = names.map((name) => ({ name, before: before.get(name) ?? '', after: after.get(name) ?? '' }));
  return {
    added: all.filter((change) => change.before === ''),
    removed: all.filter((change) => change.after === ''),
    changed: all.filter(
      (change) => change.before !== '' && change.after !== '' && change.before !== change.after,
    ),
  };
}

function fileChanges(before: readonly TreeEntry[], after: readonly TreeEntry[]): Changes<FileChange> {
  const sizesBefore = sizes(before);
  const sizesAfter = sizes(after);
  const all = compareTrees(before, after).unexplained.map(({ path, kind, left = '', right = '' }) => ({
    path,
    kind,
    before: left,
    after: right,
    sizeBefore: sizesBefore.get(path) ?? 0,
    sizeAfter: sizesAfter.get(path) ?? 0,
  }));
  return {
    added: all.filter(({ kind }) => kind === 'only-right'),
    removed: all.filter(({ kind }) => kind === 'only-left'),
    changed: all.filter(({ kind }) => kind !== 'only-right' && kind !== 'only-left'),
  };
}

function sizes(entries: readonly TreeEntry[]): Map<string, number> {
  return new Map(entries.map(({ path, size = 0 }) => [path, size]));
}
