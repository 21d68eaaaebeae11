import { createHash } from 'node:crypto';
import type { TreeEntry } from '../../../build/disk/list-tree.js';
import type { PlannedFile } from '../../../plan/types.js';
import type { Problem } from '../../types.js';
import type { DiskCheck, OpenDisk } from '../disk-context.js';
import type { DiskTree } from '../disk-tree.js';

const HINT = 'The plan beside the disk (plan.json) says what belongs there; bake again.';

/** Every path of the plan, with its type, mode, owner, target and, where the plan holds it, content. */
export const plannedFiles: DiskCheck<OpenDisk> = {
  name: 'planned-files',
  title: 'Planned files are there as planned',
  async run({ plan, tree }) {
    const names = await readNames(tree);
    const problems = plan.files.flatMap((planned) =>
      differences(planned, tree.find(planned.path), names).map(
        (message): Problem => ({ subject: planned.path, message, hint: HINT }),
      ),
    );
    return { examined: plan.files.length, problems };
  },
};

interface Names {
  users: ReadonlyMap<number, string>;
  groups: ReadonlyMap<number, string>;
}

function differences(planned: PlannedFile, found: TreeEntry | undefined, names: Names): string[] {
  if (found === undefined) return [`expected a ${planned.type}, found nothing`];
  if (found.type !== planned.type) return [`expected a ${planned.type}, found a ${found.type}`];
  if (planned.type === 'link') return differs('a link to', planned.target, found.target ?? '');
  const owner = `${nameOf(names.users, found.uid)}:${nameOf(names.groups, found.gid)}`;
  return [
    ...differs('mode', planned.mode, found.mode),
    ...differs('owner', planned.owner, owner),
    ...('content' in planned
      ? differs('content with sha256', sha256(planned.content), found.sha256 ?? '')
      : []),
  ];
}

function differs(what: string, expected: string, found: string): string[] {
  return expected === found ? [] : [`expected ${what} ${expected}, found ${found}`];
}

async function readNames(tree: DiskTree): Promise<Names> {
  const read = async (file: string) =>
    new Map(
      ((await tree.read(file)) ?? '').split('\n').map((line): [number, string] => {
        const [name = '', , id = ''] = line.split(':');
        return [Number.parseInt(id, 10), name];
      }),
    );
  return { users: await read('/etc/passwd'), groups: await read('/etc/group') };
}

function nameOf(names: ReadonlyMap<number, string>, id: number): string {
  return names.get(id) ?? String(id);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
