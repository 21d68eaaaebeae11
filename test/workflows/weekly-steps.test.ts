import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { load } from 'js-yaml';
import { repositoryPath } from '../../src/repository.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

/** Steps of the weekly run, run by bash as GitHub does, with stand-ins for the programs they call. */
interface Workflow {
  jobs: Record<string, { steps: { name?: string; run?: string }[] }>;
}

const weekly = load(readFileSync(repositoryPath('.github', 'workflows', 'weekly.yml'), 'utf8')) as Workflow;

async function workspace(programs: Record<string, string>): Promise<string> {
  const folder = temporaryFolder();
  for (const [name, script] of Object.entries(programs)) {
    const file = path.join(folder, 'bin', name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, `#!/bin/bash\necho "$(basename "$0") $*" >>calls\n${script}\n`);
    await chmod(file, 0o755);
  }
  return folder;
}

async function runStep(
  folder: string,
  job: string,
  step: string,
): Promise<{ calls: string; summary: string }> {
  const script = weekly.jobs[job]?.steps.find(({ name }) => name === step)?.run;
  if (script === undefined) throw new Error(`no step ${step} in ${job}`);
  const env = {
    PATH: `${path.join(folder, 'bin')}:${process.env.PATH}`,
    OS: 'debian12',
    GITHUB_REF_NAME: 'main',
    GITHUB_REPOSITORY: 'owner/kiln',
    GITHUB_SHA: 'newest',
    GITHUB_STEP_SUMMARY: path.join(folder, 'summary'),
  };
  await execa('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], { cwd: folder, env });
  const read = (name: string): Promise<string> => readFile(path.join(folder, name), 'utf8').catch(() => '');
  return { calls: await read('calls'), summary: await read('summary') };
}

const TAKE = 'Take the locks and manifests of the last run';

interface LastRun {
  databaseId: number;
  headSha: string;
}

/** GitHub's own program, as far as these steps know it: what it would be sent is answered, and jq does its `--jq`. */
function gh({
  runs,
  artifacts,
  compared,
}: {
  runs: LastRun[];
  artifacts: object[];
  compared: string;
}): string {
  const answer = (value: unknown): string => `jq -r "\${@: -1}" <<<'${JSON.stringify(value)}'`;
  return `case "$1 $2" in
'run list') ${answer(runs)};;
'run download') mkdir -p previous/image-debian12; echo locked >previous/image-debian12/kiln.lock.yaml;;
api*compare*) ${compared};;
api*) ${answer({ artifacts })};;
esac`;
}

const kept = { name: 'image-debian12', expired: false };
const last: LastRun = { databaseId: 7, headSha: 'older' };
const behind = 'echo behind';

async function takeLast(answers: Partial<Parameters<typeof gh>[0]>) {
  const program = gh({ runs: [last], artifacts: [kept], compared: behind, ...answers });
  const folder = await workspace({ gh: program });
  const result = await runStep(folder, 'update', TAKE);
  return { ...result, taken: existsSync(path.join(folder, 'previous', 'image-debian12')) };
}

test('locks are taken from the last successful run of this very branch', async (t) => {
  const { calls, summary, taken } = await takeLast({});
  t.true(taken);
  t.regex(calls, /^gh run list .*--branch main .*--status success/m);
  t.regex(calls, /^gh run download 7 /m);
  t.is(summary, '');
});

const nothing: [string, Partial<Parameters<typeof gh>[0]>][] = [
  ['there was no run', { runs: [] }],
  ['all it kept has expired', { artifacts: [{ ...kept, expired: true }] }],
  ['it kept no image', { artifacts: [{ ...kept, name: 'inputs' }] }],
  ['its commit is not in the history of this branch (a tag of the same name)', { compared: 'echo diverged' }],
  ['its commit is gone', { compared: 'exit 1' }],
];
for (const [why, answers] of nothing) {
  test(`the run starts without locks, and says so, when ${why}`, async (t) => {
    const { calls, summary, taken } = await takeLast(answers);
    t.false(taken);
    t.notRegex(calls, /download/);
    t.regex(summary, /start afresh/);
  });
}

const BAKE = 'Bake into an AMI';
const PUBLISHED = { amis: { 'eu-west-1': 'ami-0a' } };

async function bakeAmi({
  unchanged,
  ami,
  packages,
}: {
  unchanged: boolean;
  ami: string;
  packages?: string[];
}) {
  const folder = await workspace({
    curl: 'echo 203.0.113.7',
    bake: '[ "$1" = diff ] && echo "diff of $2 $3" || cat answer.json',
  });
  const out = { folder: 'out/new', unchanged, imageId: 'sha256:1' };
  const files: Record<string, unknown> = {
    'answer.json': out,
    'out/new/manifest.json': { new: true, packages },
    'out/new/plan.json': {},
    'out/new/ami.json': { amis: { 'eu-west-1': ami } },
    'locks/debian12-aws.yaml': 'new',
    'previous/image-debian12-aws/manifest.json': { new: false, packages: ['jq'] },
    'previous/image-debian12-aws/plan.json': {},
    'previous/image-debian12-aws/ami.json': PUBLISHED,
    'previous/image-debian12-aws/kiln.lock.yaml': 'old',
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), JSON.stringify(content));
  }
  const result = await runStep(folder, 'aws', BAKE);
  const image = path.join(folder, 'image');
  const manifest = JSON.parse(await readFile(path.join(image, 'manifest.json'), 'utf8'));
  return { ...result, manifest, files: (await readdir(image)).sort() };
}

const FILES = ['ami.json', 'kiln.lock.yaml', 'manifest.json', 'plan.json'];

test('when nothing is newer, what was published of the AMI stays published', async (t) => {
  const { summary, manifest, files, calls } = await bakeAmi({ unchanged: true, ami: 'ami-0a' });
  t.deepEqual(manifest, { new: false, packages: ['jq'] });
  t.deepEqual(files, FILES);
  t.notRegex(calls, /bake diff/);
  t.regex(summary, /nothing was baked/);
  t.regex(summary, /eu-west-1: ami-0a/);
});

test('a new AMI is published with what changed', async (t) => {
  const { summary, manifest, files } = await bakeAmi({
    unchanged: false,
    ami: 'ami-0b',
    packages: ['jq'],
  });
  t.true(manifest.new);
  t.deepEqual(files, FILES);
  t.regex(summary, /diff of previous\/image-debian12-aws out\/new/);
  t.regex(summary, /eu-west-1: ami-0b/);
});

test('an AMI of a run that failed later is published, and no packages are said to have gone', async (t) => {
  const { summary, manifest, calls } = await bakeAmi({ unchanged: true, ami: 'ami-0b' });
  t.true(manifest.new);
  t.notRegex(calls, /bake diff/);
  t.regex(summary, /packages are not known/);
  t.regex(summary, /eu-west-1: ami-0b/);
});

test('the summary shows what the update of the AMI’s lock found', async (t) => {
  const folder = await workspace({ bake: 'echo "base: ami-0a → ami-0b"' });
  await mkdir(path.join(folder, 'locks'));
  const { summary } = await runStep(folder, 'aws', 'Refresh the lock, with the newest base AMI');
  t.regex(summary, /Lock of debian12.*AMI[\s\S]*base: ami-0a → ami-0b/);
});
