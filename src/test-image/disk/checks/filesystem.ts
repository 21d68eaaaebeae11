import { rm } from 'node:fs/promises';
import path from 'node:path';
import { KilnError } from '../../../errors.js';
import { runCommand } from '../../../gate/run-command.js';
import type { Problem } from '../../types.js';
import type { BareDisk, DiskCheck } from '../disk-context.js';
import { readSuperblock } from '../formats/superblock.js';

const HINT = 'Bake again; a file system with errors may be mounted read-only at the next boot.';
/** Lines of e2fsck that say nothing about the disk. */
const TALK = /^(e2fsck \d|Pass \d|\s*$)/;
/** How many lines of a checker's finding are shown. */
const SHOWN = 6;

/** The root file system has no error by its own tools, and says so itself. */
export const filesystem: DiskCheck<BareDisk> = {
  name: 'filesystem',
  title: 'Root file system is clean',
  async run(context) {
    const { disk, root, filesystem: kind } = context;
    const { unclean } = await readSuperblock(disk, root, kind);
    const found = kind === 'ext4' ? await checkExt4(context) : await checkXfs(context);
    const problems = [...unclean, ...found].map(
      (message): Problem => ({ subject: `${kind} of the root`, message, hint: HINT }),
    );
    return { examined: 1, problems };
  },
};

function checkExt4(context: BareDisk): Promise<string[]> {
  const { disk, root } = context;
  return findings(context, 'e2fsck', ['-f', '-n', `${disk}?offset=${root.offset}`]);
}

/** xfs_repair takes no offset, so it gets a copy of the partition with the same holes. */
async function checkXfs(context: BareDisk): Promise<string[]> {
  const { gate, disk, root, work } = context;
  const copy = path.join(work, 'root.xfs');
  const args = [
    ...[`if=${disk}`, `of=${copy}`, 'bs=1M', 'conv=sparse', 'status=none'],
    ...['iflag=skip_bytes,count_bytes', `skip=${root.offset}`, `count=${root.size}`],
  ];
  await runCommand(gate, { file: 'dd', args, reason: 'copy the root file system out of the disk' });
  try {
    return await findings(context, 'xfs_repair', ['-n', '-f', copy]);
  } finally {
    await rm(copy, { force: true });
  }
}

async function findings({ gate }: BareDisk, file: string, args: string[]): Promise<string[]> {
  const lines: string[] = [];
  const command = { file, args, reason: 'check the root file system' };
  try {
    await runCommand(gate, {
      ...command,
      onLine(line) {
        if (!TALK.test(line) && lines.length < SHOWN) lines.push(line.trim());
      },
    });
    return [];
  } catch (error) {
    if (!(error instanceof KilnError) || error.code !== 'COMMAND_FAILED') throw error;
    return [`${file} found errors: ${lines.join('; ')}`];
  }
}
