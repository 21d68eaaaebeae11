import {
  chmod,
  chown,
  constants,
  copyFile,
  lutimes,
  mkdir,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import type { Gate } from '../gate/gate.js';
import type { Plan, PlannedFile } from '../plan/types.js';

/** Every planned file carries this time, seconds since 1970, so that two bakes of one plan give equal disks: 2020-01-01. */
export const SOURCE_DATE_EPOCH = 1_577_836_800;

/** Where an artifact's bytes are on this machine: the file itself, or one member of its archive. */
export type LocateArtifact = (artifact: string, member: string | undefined) => string;

/**
 * Writes the planned files below `to` at their paths on the node, with modes, links and a fixed time. Bytes of artifacts
 * are copied (as a reflink where the filesystem can). Owners are set when kiln runs as root.
 */
export async function writeOverlay({
  gate,
  plan,
  locate,
  to,
}: {
  gate: Gate;
  plan: Plan;
  locate: LocateArtifact;
  to: string;
}): Promise<void> {
  await gate.perform(
    { verb: 'write', target: to, reason: `${plan.files.length} planned files` },
    async (signal) => {
      await rm(to, { recursive: true, force: true });
      for (const file of plan.files) {
        signal.throwIfAborted();
        await writePlannedFile(file, path.join(to, file.path), locate);
      }
      await settleFolders(to, plan.files);
    },
  );
}

async function writePlannedFile(file: PlannedFile, target: string, locate: LocateArtifact): Promise<void> {
  await mkdir(path.dirname(target), { recursive: true, mode: 0o755 });
  if (file.type === 'link') {
    await symlink(file.target, target);
    await lutimes(target, SOURCE_DATE_EPOCH, SOURCE_DATE_EPOCH);
    return;
  }
  if (file.type === 'directory') await mkdir(target, { recursive: true });
  else if ('artifact' in file)
    await copyFile(locate(file.artifact, file.member), target, constants.COPYFILE_FICLONE);
  else await writeFile(target, file.content);
  await chmod(target, Number.parseInt(file.mode, 8));
  if (process.getuid?.() === 0) await chown(target, 0, 0);
}

/** Times last: writing into a folder changes its own. Folders the plan does not name get the mode of any system folder. */
async function settleFolders(root: string, files: readonly PlannedFile[]): Promise<void> {
  const planned = new Set(
    files.filter(({ type }) => type === 'directory').map((file) => path.join(root, file.path)),
  );
  const folders = new Set<string>([root]);
  for (const file of files) {
    const target = path.join(root, file.path);
    if (file.type !== 'link') await utimes(target, SOURCE_DATE_EPOCH, SOURCE_DATE_EPOCH);
    for (let folder = path.dirname(target); folder.length > root.length; folder = path.dirname(folder))
      folders.add(folder);
  }
  for (const folder of folders) {
    if (!planned.has(folder)) await chmod(folder, 0o755);
    await utimes(folder, SOURCE_DATE_EPOCH, SOURCE_DATE_EPOCH);
  }
}
