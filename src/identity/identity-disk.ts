import { mkdir, mkdtemp, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileProblem } from '../artifacts/file-problem.js';
import type { Gate } from '../gate/gate.js';
import { runCommand } from '../gate/run-command.js';
import { writeSecret } from './write-secret.js';

/** What the node looks for: rootfs/usr/libexec/kiln/identity-channel.d/disk. */
export const IDENTITY_LABEL = 'KILN-ID';
/** Blocks of 1 KiB: a file each and the folders are some 50. */
const DISK_KIBIBYTES = 1024;
const INODES = 128;
/**
 * Only what the oldest kernel among the targets (3.10) mounts: newer mkfs turns on more by default (metadata_csum_seed,
 * orphan_file). No journal, since nothing ever writes. `extent` is what makes it ext4 to blkid.
 */
const FEATURES = 'none,filetype,extent,sparse_super';

/**
 * The disk that carries a node's identity: `identity.img` (0600) in `folder`, ext4 labelled KILN-ID, made without a
 * mount. It has its name only when it is whole, and replaces one that is there. Returns its path.
 *
 * @param files path on the disk → text.
 * @throws KilnError TOOL_MISSING, COMMAND_FAILED, OUT_DIR_UNWRITABLE, DISK_FULL
 */
export async function makeIdentityDisk({
  gate,
  folder,
  files,
}: {
  gate: Gate;
  folder: string;
  files: Readonly<Record<string, string>>;
}): Promise<string> {
  const image = path.join(folder, 'identity.img');
  const action = { verb: 'write', target: image, reason: "carry the node's part of the identity" };
  // Nested, so that a dry run, which has no folder to work in, names the disk and not the steps to it.
  await gate.perform(action, () => build({ gate, folder, image, files }));
  return image;
}

async function build({
  gate,
  folder,
  image,
  files,
}: {
  gate: Gate;
  folder: string;
  image: string;
  files: Readonly<Record<string, string>>;
}): Promise<void> {
  let work: string | undefined;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // Made with mode 0700: what is below it is nobody else's to read.
    work = await mkdtemp(path.join(folder, '.identity-'));
    const disk = await makeFileSystem({ gate, work, files });
    await rename(disk, image);
  } catch (error) {
    throw fileProblem(error, folder);
  } finally {
    if (work !== undefined) await rm(work, { recursive: true, force: true });
  }
}

async function makeFileSystem({
  gate,
  work,
  files,
}: {
  gate: Gate;
  work: string;
  files: Readonly<Record<string, string>>;
}): Promise<string> {
  const tree = path.join(work, 'tree');
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(tree, name);
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeSecret(file, text);
  }
  const disk = path.join(work, 'disk');
  await writeSecret(disk, '');
  await runCommand(gate, {
    file: 'mkfs.ext4',
    args: [
      ...['-q', '-F', '-L', IDENTITY_LABEL, '-b', '1024', '-N', `${INODES}`, '-m', '0', '-O', FEATURES],
      ...['-E', 'root_owner=0:0', '-d', tree, disk, `${DISK_KIBIBYTES}k`],
    ],
    reason: "make the disk that carries the node's identity",
  });
  const handle = await open(disk, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  return disk;
}
