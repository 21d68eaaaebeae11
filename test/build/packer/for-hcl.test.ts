import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { forHcl, forVariables } from '../../../src/build/packer/for-hcl.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

const texts: [string, string][] = [
  ['the end of a text', '"\n}\nvariable "x" {\n  default = "'],
  ['an expression of HCL', `$` + `{file("/etc/hostname")}$$` + `{1 + 1}`],
  ['a condition of HCL', '%{ if true }yes%{ endif }%%{ if'],
  ['a template of Packer’s', '{{ env `PATH` }}{{{ no_such_function }} {{{{ }} {'],
  ['backslashes, quotes and what cannot be printed', 'a\\b\\n"\t\r\n\u0007\u007f'],
  ['letters of all kinds', 'Größe 😀 日本'],
];

for (const [what, text] of texts) {
  test(`${what} is text to Packer: what a builder writes is what was given`, async (t) => {
    const folder = temporaryFolder();
    const written = path.join(folder, 'written');
    const template = `source "file" "text" {
  content = "${forHcl({ text }).text}"
  target  = "${written}"
}

variable "text" {
  type = string
}

source "file" "variable" {
  content = var.text
  target  = "${written}-too"
}

build {
  sources = ["source.file.text", "source.file.variable"]
}
`;
    await writeFile(path.join(folder, 'a.pkr.hcl'), template);
    const variables = path.join(folder, 'run.pkrvars.json');
    await writeFile(variables, JSON.stringify(forVariables({ text })));
    const env = {
      CHECKPOINT_DISABLE: '1',
      PACKER_NO_COLOR: '1',
      PACKER_CACHE_DIR: path.join(folder, 'cache'),
    };
    await execa('packer', ['build', `-var-file=${variables}`, folder], { env, cwd: folder });
    t.is(await readFile(written, 'utf8'), text);
    t.is(await readFile(`${written}-too`, 'utf8'), text);
  });
}

test('texts are escaped wherever they are in a record, and nothing else is changed', (t) => {
  const record = { yes: true, number: 8, list: ['a"b', { text: '$' }], plain: '>= 1.8.2, < 2.0.0' };
  t.deepEqual(forHcl(record), {
    ...record,
    list: ['a\\"b', { text: '\\u0024' }],
  });
});
