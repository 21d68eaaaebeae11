import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { sourceCommit } from '../../../src/build/packer/source-commit.js';
import { createGate } from '../../../src/gate/gate.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

const SHA = 'a1'.repeat(20);

function commitOf(repository: string, environment: NodeJS.ProcessEnv = {}): Promise<string | undefined> {
  return sourceCommit(createGate({}), { repository, environment });
}

/** What GitHub tells a step; without git its checkout is a plain folder. */
function onGitHub(workspace: string, sha = SHA): NodeJS.ProcessEnv {
  return { GITHUB_ACTIONS: 'true', GITHUB_SHA: sha, GITHUB_WORKSPACE: workspace };
}

async function checkout(): Promise<{ folder: string; commit: string }> {
  const folder = temporaryFolder();
  const git = (...args: string[]) =>
    execa('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args]);
  await git('init', '--quiet');
  await writeFile(path.join(folder, 'a'), 'a');
  await git('add', 'a');
  await git('commit', '--quiet', '--message', 'a');
  return { folder, commit: (await git('rev-parse', 'HEAD')).stdout };
}

test('the commit of a checkout; -dirty as soon as one of its files differs', async (t) => {
  const { folder, commit } = await checkout();
  t.is(await commitOf(folder), commit);
  // Locks, reports and the like that a run leaves beside kiln's own files change nothing of kiln.
  await writeFile(path.join(folder, 'b'), 'b');
  t.is(await commitOf(folder), commit);
  await writeFile(path.join(folder, 'a'), 'changed');
  t.is(await commitOf(folder), `${commit}-dirty`);
});

test('no checkout, or one without a commit: no tag', async (t) => {
  const folder = temporaryFolder();
  t.is(await commitOf(folder), undefined);
  await execa('git', ['-C', folder, 'init', '--quiet']);
  t.is(await commitOf(folder), undefined);
});

test('in a run on GitHub whose checkout has no .git, the commit is the one GitHub names', async (t) => {
  const folder = temporaryFolder();
  t.is(await commitOf(folder, onGitHub(`${folder}/`)), SHA);
  t.is(await commitOf(folder, { ...onGitHub(folder), GITHUB_ACTIONS: undefined }), undefined);
  t.is(await commitOf(folder, onGitHub(folder, 'main')), undefined);
});

test('a run on GitHub of somebody else’s repository says nothing of the kiln it uses', async (t) => {
  t.is(await commitOf(temporaryFolder(), onGitHub(temporaryFolder())), undefined);
  t.is(await commitOf(temporaryFolder(), onGitHub('/nonexistent')), undefined);
});

test('where there is a .git, git is asked', async (t) => {
  const { folder, commit } = await checkout();
  t.is(await commitOf(folder, onGitHub(folder)), commit);
});
