import { copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Gate } from '../../gate/gate.js';
import { runCommand } from '../../gate/run-command.js';
import type { Arch } from '../../plan/types.js';
import type { Progress } from '../../progress.js';
import { repositoryPath } from '../../repository.js';
import { cacheFolder } from '../cache.js';
import { digestBytes } from '../digest.js';
import type { ArchiveFile, DebianArchive } from './debian-archive.js';
import { missingMembers } from './missing-members.js';
import type { DebianSuite } from './packages.js';

/**
 * Builds Kubernetes from Debian's source package in a throw-away root of the suite's own packages and returns the folder
 * with the programs. Once per source, compiler, script and program list: the result is kept in the cache. Takes minutes,
 * 3 GB of disk and the `mmdebstrap` tool; nothing is installed on this machine and an interrupt leaves nothing behind.
 *
 * @throws KilnError COMMAND_FAILED, TOOL_MISSING
 */
export async function buildKubernetes({
  gate,
  progress,
  archive,
  suite,
  suiteName,
  arch,
  source,
  compiler,
  work,
}: {
  gate: Gate;
  progress: Progress;
  archive: DebianArchive;
  suite: DebianSuite;
  suiteName: string;
  arch: Arch;
  /** Files of the source package, the .dsc first. */
  source: readonly ArchiveFile[];
  compiler: ArchiveFile;
  /** An empty folder of the caller's, removed by the caller. */
  work: string;
}): Promise<string> {
  const { programs, minutes, sourcePackage } = suite.kubernetes;
  const script = repositoryPath('catalog', 'debian', 'build-kubernetes.sh');
  const inputs = [source[0]?.digest, compiler.digest, digestBytes(await readFile(script)), arch, programs];
  const finished = cacheFolder('debian-builds', digestBytes(JSON.stringify(inputs)).replace('sha256:', ''));
  if ((await missingMembers(finished, programs)).length === 0) return finished;

  progress.step(
    `Build Kubernetes from Debian's source package, once (about ${minutes} minutes on two cores)`,
  );
  const build = path.join(work, 'build');
  await mkdir(path.join(build, 'source'), { recursive: true });
  await archive.downloadSource(sourcePackage, path.join(build, 'source'));
  await copyFile(script, path.join(build, 'build-kubernetes.sh'));
  await runCommand(gate, {
    ...isolated([
      'mmdebstrap',
      '--variant=apt',
      `--architectures=${arch}`,
      `--include=${[suite.kubernetes.compilerPackage, ...suite.kubernetes.buildPackages].join(',')}`,
      `--customize-hook=copy-in ${quote(build)} /`,
      `--customize-hook=chroot "$1" sh /build/build-kubernetes.sh ${programs.join(' ')}`,
      `--customize-hook=copy-out /build/out ${quote(work)}`,
      suiteName,
      '/dev/null',
      archive.sourcesList,
    ]),
    // Others' home folders are closed to the user ids mmdebstrap borrows: it then uses /tmp.
    ...(isRoot() ? { env: { TMPDIR: work } } : {}),
    onLine: (line) => noteStep(line, progress),
    reason: 'build Kubernetes from its Debian source package',
  });
  return await keep(path.join(work, 'out'), finished);
}

/** unshare itself ignores SIGTERM and SIGINT; killing it ends its namespaces and all that is in them at once. */
const STOP_AT_ONCE = '"$@" & child=$!; trap \'kill -KILL "$child"\' TERM INT; wait "$child"';

/**
 * As root, the command gets process and mount namespaces of its own that end with it: whatever kills it, no mount and no
 * process is left. Others: mmdebstrap does the same for itself.
 */
function isolated(command: string[]): { file: string; args: string[] } {
  const nice = ['nice', '-n', '10'];
  if (!isRoot()) return { file: 'nice', args: [...nice.slice(1), ...command] };
  const namespaces = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child=KILL', '--'];
  return { file: 'sh', args: ['-c', STOP_AT_ONCE, 'sh', ...nice, ...namespaces, ...command] };
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** mmdebstrap splits its copy hooks into words as a shell does. */
function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function noteStep(line: string, progress: Progress): void {
  const step =
    /^step (\d+\/\d+) (.*)$/.exec(line) ?? /^I: ()(installing .*|downloading .*|extracting .*)$/.exec(line);
  if (step !== null) progress.note(`${step[1]} ${step[2]}`.trim());
}

async function keep(built: string, finished: string): Promise<string> {
  await mkdir(path.dirname(finished), { recursive: true });
  await rm(finished, { recursive: true, force: true });
  await rename(built, finished);
  return finished;
}
