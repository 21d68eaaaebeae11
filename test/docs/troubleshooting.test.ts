import { readFileSync } from 'node:fs';
import test from 'ava';
import { repositoryPath } from '../../src/repository.js';
import { failureMessages, GAP, scriptText } from './script-messages.js';

const page = readFileSync(repositoryPath('docs/troubleshooting.md'), 'utf8');
const sections = new Map(
  page.split(/^## /m).map((text): [string, string[]] => [text.split('\n')[0] ?? '', rowsOf(text)]),
);

for (const [script, messages] of failureMessages()) {
  if (messages.length === 0) continue;

  test(`every failure of ${script} is explained, in its words, and none that it no longer tells`, (t) => {
    const explained = (sections.get(script) ?? []).map((row) => cellsOf(row)[0]);
    t.deepEqual(
      explained.toSorted(),
      messages.map((message) => `\`${message}\``),
    );
  });
}

test('every section is about a script that fails, or is one of the two at the end', (t) => {
  const scripts = [...failureMessages()]
    .filter(([, messages]) => messages.length > 0)
    .map(([script]) => script);
  const known = new Set([...scripts, 'Lines without FAILED', 'Symptoms without a line']);
  t.deepEqual(
    [...sections.keys()].filter((title) => !title.startsWith('# ') && !known.has(title)),
    [],
  );
});

test('the other lines are the scripts’ own words', (t) => {
  const rows = sections.get('Lines without FAILED') ?? [];
  t.true(rows.length > 8);
  for (const row of rows) {
    const [script = '', words = ''] = cellsOf(row).map((cell) => cell.replaceAll('`', ''));
    const text = scriptText(script);
    const pieces = words.split(GAP).map((piece) => piece.trim());
    for (const piece of pieces.filter(Boolean))
      t.true(text.includes(piece), `${script} does not say "${piece}"`);
  }
});

test('every row has all its cells', (t) => {
  for (const [title, rows] of sections) {
    for (const row of rows) {
      t.is(cellsOf(row).length, title === 'Lines without FAILED' ? 4 : 3, row);
      for (const cell of cellsOf(row)) t.not(cell, '', row);
    }
  }
});

test('what is looked for in the scripts is found: the reader of messages sees through quotes and expansions', (t) => {
  const messages = failureMessages();
  t.true(
    messages
      .get('kube-role')
      ?.includes('the roles … and … cannot share a node: they listen on the same port'),
  );
  t.true((messages.get('kube-preflight')?.length ?? 0) >= 8);
});

/** The rows of a section's table, without its head. */
function rowsOf(section: string): string[] {
  return section.split('\n').filter((line) => /^\|(?!---)(?! it says)(?! it looks)(?! script)/.test(line));
}

function cellsOf(row: string): string[] {
  return row
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}
