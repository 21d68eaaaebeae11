import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { repositoryPath } from '../../src/repository.js';

const page = readFileSync(repositoryPath('docs/seeds.md'), 'utf8');

/** How many requirements each of the five systems has. */
const ROWS = { A: 16, B: 9, C: 7, D: 10, E: 6 };

interface Row {
  id: string;
  does: string;
  proof: string;
  tests: string[];
  missing: string;
}

const rows = page.split('\n').flatMap((line): Row[] => {
  const [id, , does, proof, missing] = line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
  if (
    id === undefined ||
    does === undefined ||
    proof === undefined ||
    missing === undefined ||
    !/^[A-E]\d+$/.test(id)
  )
    return [];
  const tests = [...proof.matchAll(/\]\(([^)]+)\)/g)].map((match) => match[1] ?? '');
  return [{ id, does, proof, tests, missing }];
});

test('every requirement is there once, in order', (t) => {
  const ids = Object.entries(ROWS).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
  );
  t.deepEqual(
    rows.map(({ id }) => id),
    ids,
  );
});

for (const { id, does, proof, tests, missing } of rows) {
  test(`${id}: what proves it is a test that exists, or all of it is missing`, (t) => {
    for (const link of tests) {
      t.regex(link, /\.test\.ts$/);
      t.true(existsSync(path.join(repositoryPath('docs'), link)), link);
      t.true(readFileSync(path.join(repositoryPath('docs'), link), 'utf8').includes('test'), link);
    }
    t.is(new Set(tests).size, tests.length);
    if (tests.length > 0) {
      t.not(does, '–');
      t.false(missing.includes('**all of it**'));
    } else {
      t.is(proof, '–');
      t.regex(missing, /^\*\*all of it\*\*: ./);
    }
  });
}

test('the sum says what the rows say', (t) => {
  const whole = rows.filter(({ tests, missing }) => tests.length > 0 && missing === '').length;
  const none = rows.filter(({ tests }) => tests.length === 0).length;
  const part = rows.length - whole - none;
  t.true(
    page.includes(
      `Of ${rows.length} rows ${whole} have nothing missing, ${part} a part, ${none} everything.`,
    ),
  );
});
