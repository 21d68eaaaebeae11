import { readFileSync } from 'node:fs';
import type { Command } from '@commander-js/extra-typings';
import test from 'ava';
import { createLaunchProgram } from '../../src/cli/launch-program.js';
import { repositoryPath } from '../../src/repository.js';
import { launch } from '../helpers/launch.js';

test('the help that the build wrote is the help of the program, and loads no more than that', async (t) => {
  const program = createLaunchProgram();
  const result = await launch(['--help'], { env: { NODE_DEBUG: 'esm' } });
  t.is(result.stdout, program.helpInformation().trimEnd());
  for (const heavy of ['handlebars', 'js-yaml', 'execa', 'zod', '@peculiar', 'leven'])
    t.notRegex(result.stderr, new RegExp(`node_modules/${heavy}/`));
  for (const command of program.commands)
    t.is((await launch([command.name(), '-h'])).stdout, command.helpInformation().trimEnd());
});

for (const page of ['docs/launch.md', 'README.md']) {
  for (const words of shownCommands(readFileSync(repositoryPath(page), 'utf8'))) {
    test(`${page}: \`launch ${words.join(' ')}\` is a command line launch takes`, async (t) => {
      const program = withoutActions(createLaunchProgram());
      await t.notThrowsAsync(program.parseAsync(words, { from: 'user' }));
      const [word = ''] = words;
      t.true(word.startsWith('--') || program.commands.some((verb) => verb.name() === word));
    });
  }
}

/** The arguments of every `$ launch …` of a page, each once, without what follows as a remark. */
function shownCommands(text: string): string[][] {
  const lines = [...text.matchAll(/^\$ launch (.*?)(?:\s+#.*)?$/gm)].map(([, line = '']) => line.trim());
  return [...new Set(lines)].map((line) => line.split(/\s+/));
}

function withoutActions(program: Command): Command {
  for (const command of [program, ...program.commands]) {
    command.configureOutput({ writeErr: () => {} });
    command.action(() => {});
  }
  return program;
}
