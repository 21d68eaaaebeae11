import path from 'node:path';
import type { Arch, LockedArtifact } from '../../plan/types.js';
import type { Progress } from '../../progress.js';
import { digestFile } from '../digest.js';
import type { ArchiveFile } from './debian-archive.js';
import { packArtifact } from './pack-artifact.js';
import { packImage } from './pack-image.js';
import { upstreamVersion } from './package-version.js';
import type { DebianSuite } from './packages.js';

interface Packing {
  arch: Arch;
  suite: DebianSuite;
  suiteName: string;
  /** Host name the files go by. */
  host: string;
  packages: ReadonlyMap<string, ArchiveFile>;
  /** Package → the folder its files are unpacked in. */
  roots: ReadonlyMap<string, string>;
  kubernetes: { programs: string; source: ArchiveFile; compiler: ArchiveFile };
  /** The mirror being made. */
  folder: string;
  progress: Progress;
  signal: AbortSignal;
}

/** Packs everything a suite gives into `<folder>/<host>/…` and returns the lock entries, sorted by name. */
export async function packDebianArtifacts(packing: Packing): Promise<LockedArtifact[]> {
  const artifacts = [await packKubernetes(packing)];
  for (const artifact of packing.suite.artifacts) artifacts.push(await packPackages(packing, artifact));
  for (const image of packing.suite.images) artifacts.push(await packOneImage(packing, image));
  return artifacts.sort((left, right) => (left.name < right.name ? -1 : 1));
}

async function packKubernetes(packing: Packing): Promise<LockedArtifact> {
  const { suite, suiteName, kubernetes, arch } = packing;
  const { source, compiler, programs } = kubernetes;
  const version = upstreamVersion(source.version);
  const members = suite.kubernetes.programs.map((program): [string, string] => [
    fill(suite.kubernetes.member, { version, arch, program }),
    path.join(programs, program),
  ]);
  return await packOne(packing, {
    name: 'kubernetes-server',
    version,
    kind: 'tar',
    path: fill(suite.kubernetes.path, { version, arch }),
    members: new Map(members),
    source: `Debian ${suiteName}, built from ${describeFile(source)} with ${describeFile(compiler)}`,
  });
}

async function packPackages(
  packing: Packing,
  artifact: DebianSuite['artifacts'][number],
): Promise<LockedArtifact> {
  const { arch } = packing;
  const version = versionOf(packing, artifact.package);
  const members = Object.entries(artifact.members).map(([member, from]): [string, string] => [
    fill(member, { version, arch }),
    unpacked(packing, from),
  ]);
  return await packOne(packing, {
    name: artifact.name,
    version,
    kind: artifact.kind,
    path: fill(artifact.path, { version, arch }),
    members: new Map(members),
    source: describePackages(packing, artifact.members),
  });
}

async function packOne(
  { folder, host, arch, progress, signal }: Packing,
  artifact: {
    name: string;
    version: string;
    kind: 'file' | 'tar';
    path: string;
    members: Map<string, string>;
    source: string;
  },
): Promise<LockedArtifact> {
  const { name, version, kind, members, source } = artifact;
  progress.note(name);
  const to = path.join(folder, host, artifact.path);
  await packArtifact({ kind, members, to, signal });
  const digest = await digestFile(to);
  return { name, version, arch, kind, url: `https://${host}/${artifact.path}`, digest, source };
}

async function packOneImage(packing: Packing, image: DebianSuite['images'][number]): Promise<LockedArtifact> {
  const { folder, host, arch, signal } = packing;
  const { name, repository, entrypoint } = image;
  const files = Object.entries(image.files).map(([member, from]): [string, string] => [
    member,
    unpacked(packing, from),
  ]);
  const digest = await packImage({
    files: new Map(files),
    entrypoint,
    repository,
    arch,
    folder: path.join(folder, host),
    signal,
  });
  const url = `https://${host}/v2/${repository}/manifests/${digest}`;
  const version = versionOf(packing, image.package);
  return { name, version, arch, kind: 'oci', url, digest, source: describePackages(packing, image.files) };
}

function unpacked({ roots }: Packing, member: { package: string; file: string }): string {
  return path.join(roots.get(member.package) ?? '', member.file);
}

function versionOf(packing: Packing, name: string): string {
  return upstreamVersion(archiveFile(packing, name).version);
}

function archiveFile({ packages, suiteName }: Packing, name: string): ArchiveFile {
  const file = packages.get(name);
  if (file === undefined) throw new RangeError(`Debian ${suiteName} has no package ${name}`);
  return file;
}

function describePackages(packing: Packing, members: Record<string, { package: string }>): string {
  const names = [...new Set(Object.values(members).map((member) => member.package))].sort();
  const files = names.map((name) => describeFile(archiveFile(packing, name)));
  return `Debian ${packing.suiteName}, repacked from ${files.join(' and ')}`;
}

function describeFile({ package: name, version, fileName, digest }: ArchiveFile): string {
  return `${name} ${version} (${fileName} ${digest})`;
}

function fill(template: string, values: Record<string, string>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
}
