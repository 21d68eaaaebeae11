import test from 'ava';
import type { Plan, PlannedFile } from '../../../../src/plan/types.js';
import { artifactFiles } from '../../../../src/test-image/disk/checks/artifact-files.js';
import { plannedFiles } from '../../../../src/test-image/disk/checks/planned-files.js';
import { type Files, makeDisk, PLAN, told } from '../synthetic-disk.js';

const FILES: PlannedFile[] = [
  { path: '/etc/a.conf', from: 'test', type: 'file', mode: '0644', owner: 'root:root', content: 'a\n' },
  {
    path: '/usr/bin/tool',
    from: 'test',
    type: 'file',
    mode: '0755',
    owner: 'root:root',
    artifact: 'tools',
    member: 'tool',
  },
  {
    path: '/usr/bin/kubelet',
    from: 'test',
    type: 'file',
    mode: '0755',
    owner: 'root:root',
    artifact: 'kubelet',
  },
  { path: '/etc/wants/a.service', from: 'test', type: 'link', target: '/usr/lib/a.service' },
  { path: '/usr/bin', from: 'test', type: 'directory', mode: '0755', owner: 'root:root' },
];
/** sha256 of `kubelet`. */
const KUBELET = 'ac0e70f1bd0c7f0fbc4b5ae0b71a2d0c0d2f2e5f0b7e4a2a67f0a4d8d4b1ec00';
const ON_DISK: Files = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
  'etc/group': 'root:x:0:\n',
  'etc/a.conf': 'a\n',
  'usr/bin/tool': { text: 'tool', mode: 0o755 },
  'usr/bin/kubelet': { text: 'kubelet', mode: 0o755 },
  'etc/wants/a.service': { link: '/usr/lib/a.service' },
};

function planWith(digest: string): Plan {
  const artifact = {
    name: 'kubelet',
    version: '1',
    arch: 'amd64',
    kind: 'file',
    url: '',
    source: '',
    digest,
  } as const;
  return { ...PLAN, files: FILES, artifacts: [artifact] };
}

const diskWith = (changes: Files) =>
  makeDisk({ files: { ...ON_DISK, ...changes }, plan: planWith('sha512:00') });

test('everything as planned', async (t) => {
  t.deepEqual(await plannedFiles.run(await diskWith({})), { examined: 5, problems: [] });
});

for (const [what, changes, expected] of [
  ['mode', { 'etc/a.conf': { text: 'a\n', mode: 0o600 } }, /^\/etc\/a.conf: expected mode 0644, found 0600$/],
  ['content', { 'etc/a.conf': 'b\n' }, /^\/etc\/a.conf: expected content with sha256 \w{64}, found \w{64}$/],
  ['type', { 'etc/a.conf': { link: 'b' } }, /^\/etc\/a.conf: expected a file, found a link$/],
  [
    'link',
    { 'etc/wants/a.service': { link: '/dev/null' } },
    /expected a link to \/usr\/lib\/a.service, found \/dev\/null$/,
  ],
] as const) {
  test(`another ${what} is named`, async (t) => {
    const problems = told(await plannedFiles.run(await diskWith(changes)));
    t.is(problems.length, 1);
    t.regex(problems[0] ?? '', expected);
  });
}

test('what is missing is named, and another owner too', async (t) => {
  const { 'etc/a.conf': _gone, ...rest } = ON_DISK;
  const disk = await makeDisk({
    files: { ...rest, 'etc/passwd': 'daemon:x:0:0\n' },
    plan: planWith('sha512:00'),
  });
  const problems = told(await plannedFiles.run(disk));
  t.is(problems[0], '/etc/a.conf: expected a file, found nothing');
  t.is(problems[1], '/usr/bin/tool: expected owner root:root, found daemon:root');
});

test('binaries: the pin of a file, else what the manifest recorded', async (t) => {
  const disk = await makeDisk({ files: ON_DISK, plan: planWith(`sha256:${KUBELET}`) });
  const tool = disk.tree.find('/usr/bin/tool')?.sha256 ?? '';
  const kubelet = disk.tree.find('/usr/bin/kubelet')?.sha256 ?? '';
  const pinned = { ...disk, plan: planWith(`sha256:${kubelet}`) };
  t.deepEqual(told(await artifactFiles.run({ ...pinned, recorded: new Map([['/usr/bin/tool', tool]]) })), []);
  t.deepEqual(told(await artifactFiles.run({ ...pinned, recorded: new Map([['/usr/bin/tool', 'f00']]) })), [
    `/usr/bin/tool: expected sha256 f00, found ${tool}`,
  ]);
  t.deepEqual(told(await artifactFiles.run({ ...disk, recorded: new Map([['/usr/bin/tool', tool]]) })), [
    `/usr/bin/kubelet: expected sha256 ${KUBELET}, found ${kubelet}`,
  ]);
  t.deepEqual(told(await artifactFiles.run({ ...pinned, recorded: new Map() })), [
    `/usr/bin/tool: no digest of it was recorded at the bake; found sha256 ${tool}`,
  ]);
});

test('without a manifest and without a pin there is nothing to compare with', async (t) => {
  t.regex(told(await artifactFiles.run(await diskWith({})))[0] ?? '', /^\[there is no manifest/);
});

test('binaries that are not there are left to planned-files', async (t) => {
  const disk = await makeDisk({ plan: planWith('sha512:00') });
  t.regex(told(await artifactFiles.run(disk))[0] ?? '', /^\[none of the planned binaries/);
});
