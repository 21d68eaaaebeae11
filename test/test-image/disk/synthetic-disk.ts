import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { listTree, type TreeEntry } from '../../../src/build/disk/list-tree.js';
import type { DiskCheckFacts } from '../../../src/catalog/disk-checks.js';
import { readYaml } from '../../../src/catalog/read-yaml.js';
import { createGate } from '../../../src/gate/gate.js';
import type { Plan } from '../../../src/plan/types.js';
import type { OpenDisk } from '../../../src/test-image/disk/disk-context.js';
import { makeDiskTree } from '../../../src/test-image/disk/disk-tree.js';
import type { FirmwareVolume } from '../../../src/test-image/disk/firmware-volume.js';
import { readBootEntries } from '../../../src/test-image/disk/read-boot-entries.js';
import type { CheckOutcome, Problem } from '../../../src/test-image/types.js';
import { planOf } from '../../helpers/plans.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

const facts = readYaml('disk-checks.yaml') as DiskCheckFacts;
const MEBIBYTE = 1024 ** 2;

export const RELEASE = '6.1.0-test';
export const ROOT_UUID = 'ca6ed3db-521d-4520-8b45-ab84a8c77a51';
export const PART_UUID = '8b3600ca-7dbb-4495-8d40-d79ca6b621cf';
export const PLAN = planOf('debian12');

/** Files of a tree: text, `{ link }`, or text with a mode. */
export type Files = Record<string, string | { link: string } | { text: string; mode: number }>;

/** A folder with the given files, and what is in it. Owners are whoever runs the test, shown as root. */
export async function makeFolder(files: Files): Promise<{ folder: string; entries: TreeEntry[] }> {
  const folder = temporaryFolder();
  for (const [name, file] of Object.entries(files)) {
    const absolute = path.join(folder, name);
    mkdirSync(path.dirname(absolute), { recursive: true });
    if (typeof file === 'object' && 'link' in file) {
      symlinkSync(file.link, absolute);
      continue;
    }
    writeFileSync(absolute, typeof file === 'string' ? file : file.text);
    chmodSync(absolute, typeof file === 'string' ? 0o644 : file.mode);
  }
  const entries = (await listTree(folder)).map((entry) => ({ ...entry, uid: 0, gid: 0 }));
  return { folder, entries };
}

/** A disk as the checks see it, sound unless changed: nothing of it is on a real disk. */
export async function makeDisk({
  files = {},
  esp,
  plan = PLAN,
  ...changes
}: {
  files?: Files;
  esp?: Record<string, string | Buffer>;
  plan?: Plan;
} & Partial<OpenDisk> = {}): Promise<OpenDisk> {
  const { folder, entries } = await makeFolder(files);
  const tree = makeDiskTree(folder, entries);
  const firmware = esp === undefined ? undefined : makeFirmware(esp);
  const [espType, rootType] = [facts.partitions.esp.type, facts.partitions.root.discoverable[plan.spec.arch]];
  const partition = {
    number: 1,
    offset: MEBIBYTE,
    size: 64 * MEBIBYTE,
    type: espType,
    uuid: '',
    label: 'esp',
  };
  const root = {
    number: 2,
    offset: 65 * MEBIBYTE,
    size: 99 * MEBIBYTE,
    type: rootType,
    uuid: PART_UUID,
    label: 'root',
  };
  const target = facts.targets.disk;
  if (target === undefined) throw new Error('no target');
  return {
    gate: createGate({}),
    plan,
    facts,
    target,
    disk: '/nonexistent',
    work: temporaryFolder(),
    partitions: [partition, root],
    root,
    filesystem: 'ext4',
    tree,
    firmware,
    firmwareProblem: undefined,
    superblock: { uuid: ROOT_UUID, label: 'root', unclean: [] },
    boots: await readBootEntries(tree, firmware),
    violations: [],
    recorded: undefined,
    ...changes,
  };
}

export function makeFirmware(contents: Record<string, string | Buffer>): FirmwareVolume {
  const folder = temporaryFolder();
  const files = Object.keys(contents);
  return {
    files,
    find: (name) => files.find((file) => file.toLowerCase() === name.toLowerCase()),
    async copy(name) {
      const copy = path.join(folder, createHash('sha256').update(name).digest('hex'));
      writeFileSync(copy, contents[name] ?? '');
      return copy;
    },
  };
}

/** What was wrong, as `subject: message`; a skipped check is its reason in brackets. */
export function told(outcome: CheckOutcome): string[] {
  if ('skipped' in outcome) return [`[${outcome.skipped}]`];
  return outcome.problems.map(({ subject, message }: Problem) => `${subject}: ${message}`);
}
