import { readFileSync } from 'node:fs';
import test from 'ava';
import { load } from 'js-yaml';
import { toolsSchema } from '../../src/catalog/tools.js';
import { repositoryPath } from '../../src/repository.js';
import { checkTools, requireTools } from '../../src/tools/check-tools.js';

test('catalog/tools.yaml is valid, and no tool is listed twice', (t) => {
  const { tools } = toolsSchema.parse(load(readFileSync(repositoryPath('catalog', 'tools.yaml'), 'utf8')));
  t.is(new Set(tools.map(({ name }) => name)).size, tools.length);
});

test('says where each tool is and its version', async (t) => {
  const states = await checkTools(['lint']);
  const analyze = states.find(({ tool }) => tool.name === 'systemd-analyze');
  t.regex(analyze?.version ?? '', /^\d{3}/);
  t.false(states.some(({ tool }) => tool.name === 'packer'));
});

test.serial('names every missing tool at once, with what it is for and the package', (t) => {
  const path = process.env.PATH;
  process.env.PATH = '/nonexistent';
  try {
    const error = t.throws(() => requireTools('packer'), { code: 'TOOL_MISSING' });
    t.regex(error?.message ?? '', /\n {2}qemu-img: needed to /);
    t.regex(error?.message ?? '', /\n {2}packer: needed to build images/);
    t.regex(String((error as unknown as { hint: string }).hint), /apt-get install .*qemu-utils.*packer/);
  } finally {
    process.env.PATH = path;
  }
});
