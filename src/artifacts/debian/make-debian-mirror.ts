import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Gate } from '../../gate/gate.js';
import { runCommand } from '../../gate/run-command.js';
import type { Lock } from '../../lock/lock.js';
import type { Arch } from '../../plan/types.js';
import { type Progress, silentProgress } from '../../progress.js';
import { repositoryPath } from '../../repository.js';
import { requireTools } from '../../tools/check-tools.js';
import { cacheFolder } from '../cache.js';
import { digestBytes } from '../digest.js';
import { fileProblem } from '../file-problem.js';
import { buildKubernetes } from './build-kubernetes.js';
import { type ArchiveFile, type DebianArchive, openDebianArchive } from './debian-archive.js';
import { finishedMirror, publishMirror } from './debian-mirror-folder.js';
import { defaultDebianMirror } from './default-debian-mirror.js';
import { loadDebianSuite } from './load-debian-suite.js';
import { packDebianArtifacts } from './pack-debian-artifacts.js';
import type { DebianSuite } from './packages.js';

/** Part of what decides whether a mirror is up to date: raise it when the packing changes. */
const FORM = 1;

/**
 * Makes a complete mirror from the Debian archive alone: Kubernetes built from the signed source package, the rest out of
 * the signed packages, each packed as its project publishes it, with a lock that names package, version and digest. What
 * is up to date is left alone, so a second run takes seconds. Returns the lock, `undefined` in a dry run.
 *
 * @throws KilnError UNKNOWN_NAME, TOOL_MISSING, COMMAND_FAILED, DISK_FULL, OUT_DIR_UNWRITABLE
 */
export async function makeDebianMirror({
  gate,
  arch = 'amd64',
  suite: suiteName = 'bookworm',
  to = defaultDebianMirror(arch, suiteName),
  progress = silentProgress,
}: {
  gate: Gate;
  to?: string | undefined;
  arch?: Arch | undefined;
  suite?: string | undefined;
  progress?: Progress | undefined;
}): Promise<Lock | undefined> {
  const { host, suite } = await loadDebianSuite(suiteName);
  requireTools('fetch --source debian');
  const action = { verb: 'make', target: to, reason: `a mirror from Debian ${suiteName}` };
  return await gate.perform(action, async () => {
    const work = cacheFolder('work', `debian-${process.pid}-${randomBytes(4).toString('hex')}`);
    try {
      await mkdir(path.join(work, 'apt'), { recursive: true });
      return await make({ gate, arch, suiteName, to, progress, host, suite, work });
    } catch (error) {
      throw fileProblem(error, work);
    } finally {
      // The last processes of a build that was killed may still be closing files.
      await rm(work, { recursive: true, force: true, maxRetries: 5 });
    }
  });
}

interface Making {
  gate: Gate;
  arch: Arch;
  suiteName: string;
  to: string;
  progress: Progress;
  host: string;
  suite: DebianSuite;
  work: string;
}

async function make(making: Making): Promise<Lock> {
  const { gate, arch, suite, suiteName, to, progress, host, work } = making;
  progress.step(`Read the signed index of Debian ${suiteName}`);
  const archive = await openDebianArchive({ gate, suite, arch, folder: path.join(work, 'apt') });
  const compilerName = suite.kubernetes.compilerPackage;
  const packages = await archive.find([...binaryPackages(suite), compilerName]);
  const source = await archive.findSource(suite.kubernetes.sourcePackage);
  const inputs = await digestInputs([...packages.values(), ...source]);
  const finished = await finishedMirror({ folder: to, inputs, signal: gate.signal });
  if (finished !== undefined) return finished;

  const compiler = packages.get(compilerName) as ArchiveFile;
  const programs = await buildKubernetes({
    gate,
    progress,
    archive,
    suite,
    suiteName,
    arch,
    source,
    compiler,
    work: path.join(work, 'build'),
  });
  progress.step('Download and unpack the Debian packages');
  const roots = await unpackPackages(making, archive);
  progress.step('Pack the artifacts as their projects publish them');
  const artifacts = await packDebianArtifacts({
    arch,
    suite,
    suiteName,
    host,
    packages,
    roots,
    kubernetes: { programs, source: source[0] as ArchiveFile, compiler },
    folder: path.join(work, 'mirror'),
    progress,
    signal: gate.signal,
  });
  const kubernetes = artifacts.find(({ name }) => name === 'kubernetes-server')?.version ?? '';
  const lock: Lock = { version: 1, source: 'debian', kubernetes, artifacts };
  await publishMirror({ from: path.join(work, 'mirror'), to, lock, inputs });
  return lock;
}

function binaryPackages({ artifacts, images }: DebianSuite): string[] {
  const members = [
    ...artifacts.flatMap((artifact) => Object.values(artifact.members)),
    ...images.flatMap(({ files }) => Object.values(files)),
  ];
  return [...new Set(members.map((member) => member.package))].sort();
}

/** Everything the mirror's bytes follow from; gzip's output is only the same for the same zlib. */
async function digestInputs(files: ArchiveFile[]): Promise<string> {
  const own = ['packages.yaml', 'build-kubernetes.sh'].map((name) =>
    repositoryPath('catalog', 'debian', name),
  );
  const contents = await Promise.all(own.map((file) => readFile(file)));
  const parts = [FORM, process.versions.zlib, ...contents.map((content) => digestBytes(content))];
  return digestBytes(JSON.stringify([...parts, ...files.map(({ digest }) => digest).sort()]));
}

/** Package → the folder its files are unpacked in. */
async function unpackPackages(
  { gate, suite, work }: Making,
  archive: DebianArchive,
): Promise<Map<string, string>> {
  const downloads = path.join(work, 'packages');
  const names = binaryPackages(suite);
  await mkdir(downloads, { recursive: true });
  await archive.download(names, downloads);
  const roots = new Map<string, string>();
  for (const name of names) {
    const root = path.join(work, 'roots', name);
    await mkdir(root, { recursive: true });
    await runCommand(gate, {
      file: 'dpkg-deb',
      args: ['--extract', path.join(downloads, await downloadedName(downloads, name)), root],
      reason: `unpack the Debian package ${name}`,
    });
    roots.set(name, root);
  }
  return roots;
}

/** apt names what it downloads by package and version, with some characters encoded. */
async function downloadedName(folder: string, name: string): Promise<string> {
  const files = await readdir(folder);
  return files.find((file) => file.startsWith(`${name}_`)) ?? `${name}.deb`;
}
