import { access, chmod, constants, copyFile, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder, findCached } from '../../artifacts/cache.js';
import { extractMembers } from '../../artifacts/extract-members.js';
import { temporaryName } from '../../artifacts/write-file-atomically.js';
import { KilnError } from '../../errors.js';
import type { Gate } from '../../gate/gate.js';
import type { Plan } from '../../plan/types.js';

const ON_NODE = '/usr/local/bin/kubectl';
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/**
 * The kubectl to use: `option`, else $KUBECTL, else the first in PATH, else the one baked into the image, out of kiln's cache.
 *
 * @throws KilnError TOOL_MISSING when there is none, or the one that was named cannot be run.
 */
export async function findKubectl({
  gate,
  option,
  plan,
  environment = process.env,
}: {
  gate: Gate;
  option?: string | undefined;
  /** Of the image the cluster runs. */
  plan?: Pick<Plan, 'files' | 'artifacts'> | undefined;
  environment?: Readonly<Record<string, string | undefined>>;
}): Promise<string> {
  const named = option ?? nonEmpty(environment.KUBECTL);
  if (named !== undefined) return await mustRun(named, option === undefined ? '$KUBECTL' : '--kubectl');
  for (const folder of (environment.PATH ?? '').split(path.delimiter).filter(path.isAbsolute)) {
    const candidate = path.join(folder, 'kubectl');
    if (await canRun(candidate)) return candidate;
  }
  const baked = plan === undefined ? undefined : await bakedKubectl(gate, plan);
  if (baked !== undefined) return baked;
  throw new KilnError('TOOL_MISSING', 'kubectl is not installed; it is needed to test the cluster', {
    hint: 'Install it, or name it with --kubectl FILE or in $KUBECTL; `bake fetch` brings the one of the image into the cache.',
  });
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

async function mustRun(file: string, from: string): Promise<string> {
  if (await canRun(file)) return path.resolve(file);
  throw new KilnError('TOOL_MISSING', `${file}, named by ${from}, is not a program that can be run`, {
    hint: 'Name the file of kubectl itself, executable, or leave it out and the one in PATH is used.',
  });
}

async function canRun(file: string): Promise<boolean> {
  return await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** The image's own, when it was made for this machine's processor and its artifact is still cached. */
async function bakedKubectl(
  gate: Gate,
  plan: Pick<Plan, 'files' | 'artifacts'>,
): Promise<string | undefined> {
  const planned = plan.files.find(({ path: place }) => place === ON_NODE);
  if (planned === undefined || !('artifact' in planned)) return undefined;
  const artifact = plan.artifacts.find(({ name }) => name === planned.artifact);
  if (artifact === undefined || artifact.arch !== ARCHITECTURES[process.arch]) return undefined;
  const file = await findCached(artifact.digest, gate.signal);
  if (file === undefined) return undefined;
  const { member } = planned;
  if (member === undefined) return await executableCopy(file, artifact.digest);
  const members = await extractMembers({ gate, artifact, file, members: [member] });
  const extracted = members.get(member);
  return extracted === undefined ? undefined : await executableCopy(extracted, artifact.digest);
}

/** What is cached is never executable. */
async function executableCopy(file: string, digest: string): Promise<string> {
  const target = cacheFolder('programs', digest.replace(':', '-'), 'kubectl');
  if (await canRun(target)) return target;
  const temporary = temporaryName(target);
  try {
    await mkdir(path.dirname(target), { recursive: true });
    await copyFile(file, temporary, constants.COPYFILE_FICLONE);
    await chmod(temporary, 0o755);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
  return target;
}
