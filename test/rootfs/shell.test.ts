import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { repositoryPath } from '../../src/repository.js';

const FOLDER = 'rootfs/usr/libexec/kiln';
const scripts = readdirSync(repositoryPath(FOLDER), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => `${entry.parentPath}/${entry.name}`);

test('shellcheck has nothing to say about the scripts of the node', (t) => {
  t.true(scripts.length >= 10);
  const { status, stdout, stderr, error } = spawnSync(
    'shellcheck',
    ['-x', '-s', 'sh', '-P', repositoryPath('.'), ...scripts],
    {
      encoding: 'utf8',
    },
  );
  t.is(error, undefined, 'shellcheck is needed: apt-get install shellcheck');
  t.is(stdout + stderr, '');
  t.is(status, 0);
});

test('no script sources or runs what a marker or an identity says', (t) => {
  for (const script of scripts) {
    const content = readFileSync(script, 'utf8');
    t.notRegex(content, /\beval\b|^\s*source\s/m, script);
    for (const [, sourced] of content.matchAll(/^\s*\. (.+)$/gm)) t.regex(sourced ?? '', /lib\.sh"$/, script);
  }
});
