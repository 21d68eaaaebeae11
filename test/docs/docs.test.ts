import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { load } from 'js-yaml';
import { renderUserData } from '../../src/launch/render-user-data.js';
import { baseImageSchema } from '../../src/lock/lock.js';
import { REPOSITORY, repositoryPath } from '../../src/repository.js';
import { configSchema } from '../../src/spec/spec.js';
import { bake } from '../helpers/bake.js';
import { launch } from '../helpers/launch.js';

/** Verbs that change something: their examples are run as dry runs. */
const CHANGING = new Set(['image', 'fetch', 'base', 'render']);

const folder = mkdtempSync(path.join(tmpdir(), 'kiln-docs-'));
const pages = ['README.md', ...readdirSync(repositoryPath('docs')).map((name) => `docs/${name}`)];

for (const page of pages) {
  const text = readFileSync(repositoryPath(page), 'utf8');

  for (const command of blocks(text, 'sh').flatMap((block) => block.trim().split('\n'))) {
    test(`${page}: \`${command}\` works`, async (t) => {
      const [program = '', ...words] = command.split(/\s+/);
      if (program !== 'bake' && program !== 'launch') {
        t.true(existsSync(repositoryPath(program)), `${program} is not in the repository`);
        return;
      }
      const dry = CHANGING.has(words[0] ?? '') && !words.includes('--dry-run') ? ['--dry-run'] : [];
      const run = program === 'bake' ? bake : launch;
      const env = { XDG_STATE_HOME: folder };
      const result = await run([...words, ...dry], { cwd: folder, env });
      t.is(result.exitCode, 0, result.stderr);
      t.not(result.stdout, '');
    });
  }

  for (const [index, block] of blocks(text, 'yaml').entries()) {
    test(`${page}: YAML block ${index + 1} is right`, (t) => {
      if (block.startsWith('#cloud-config'))
        t.is(block, renderUserData({ roles: ['minion'], cluster: 'kiln' }));
      else if (block.startsWith('base:'))
        t.notThrows(() => baseImageSchema.parse((load(block) as { base: unknown }).base));
      else t.notThrows(() => configSchema.parse(load(block)));
    });
  }

  test(`${page}: every link leads somewhere`, (t) => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => match[1] ?? '');
    const broken = links.filter((link) => !existsSync(path.join(REPOSITORY, path.dirname(page), link)));
    t.deepEqual(broken, []);
  });
}

/** The contents of a page's fenced blocks of one language. */
function blocks(text: string, language: string): string[] {
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, name, body]) =>
    name === language && body !== undefined ? [body] : [],
  );
}
