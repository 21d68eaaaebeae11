import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { renderTemplate, type TemplateRecord } from '../../src/render/render-template.js';
import { REPOSITORY } from '../../src/repository.js';

const folder = mkdtempSync(path.join(tmpdir(), 'kiln-template-'));

let count = 0;

function render(source: string, record: TemplateRecord): string {
  count += 1;
  const file = path.join(folder, `${count}.template.hbs`);
  writeFileSync(file, source);
  return renderTemplate(path.relative(REPOSITORY, file), record);
}

test('prints scalars unescaped, walks lists and records', (t) => {
  const record = { name: 'a<b&"c"', list: [{ x: 1 }, { x: 2 }], on: true, words: ['p', 'q'] };
  t.is(
    render(
      '{{name}} {{#each list}}{{x}};{{/each}}{{#if on}}yes{{/if}} {{#each words}}{{this}}{{/each}}',
      record,
    ),
    'a<b&"c" 1;2;yes pq',
  );
});

test('leaves braces meant for Packer alone', (t) => {
  t.is(render('\\{{ .HTTPPort }}', {}), '{{ .HTTPPort }}');
});

for (const [title, source] of [
  ['a missing name', '{{missing}}'],
  ['a missing name in #if', '{{#if missing}}x{{/if}}'],
  ['a missing name in #each', '{{#each missing}}x{{/each}}'],
  ['a missing name in a nested record', '{{#each list}}{{y}}{{/each}}'],
  ['printing a list', '{{words}}'],
  ['printing a record', '{{record}}'],
] as const) {
  test(`refuses ${title}`, (t) => {
    t.throws(() => render(source, { list: [{ x: 1 }], words: ['p'], record: { a: 1 } }), {
      message: /^Template .*template\.hbs: /,
    });
  });
}
