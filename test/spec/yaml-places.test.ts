import test from 'ava';
import { pathKey, yamlPlaces } from '../../src/spec/yaml-places.js';

const TEXT = `# A list, a mapping in one line, quotes, an alias, and nothing.
names: &names
  - 'runc'
  - { arch: amd64, "version": 1.3.6 }
again: *names
base:
  source: "a b" # said
  empty:
`;
const places = yamlPlaces(TEXT);

function at(...path: (string | number)[]) {
  return places.get(pathKey(path));
}

/** What the text has where a person is sent to, up to the next space or quote. */
function seenAt(...path: (string | number)[]): string | undefined {
  return /^[^\s'"]+/.exec(TEXT.slice(at(...path)?.start))?.[0];
}

function scalarAt(...path: (string | number)[]): string | undefined {
  const scalar = at(...path)?.scalar;
  return scalar && TEXT.slice(scalar.start, scalar.end);
}

test('what has a key is found at its key, what has none at itself', (t) => {
  t.is(seenAt('names'), 'names:');
  t.is(seenAt('names', 0), 'runc');
  t.is(seenAt('names', '1'), '{');
  t.is(seenAt('names', 1, 'arch'), 'arch:');
  t.is(seenAt('names', 1, 'version'), 'version');
  t.is(seenAt('again'), 'again:');
  t.is(seenAt('base', 'source'), 'source:');
  t.is(at()?.start, TEXT.indexOf('names'));
  t.is(at('base', 'sources'), undefined);
});

test('scalars are found without their quotes and comments; nothing else is one', (t) => {
  t.is(scalarAt('names', 0), 'runc');
  t.is(scalarAt('names', 1, 'version'), '1.3.6');
  t.is(scalarAt('base', 'source'), 'a b');
  t.is(scalarAt('base', 'empty'), '');
  for (const path of [[], ['names'], ['names', 1], ['again'], ['base']]) t.is(scalarAt(...path), undefined);
});

test('places come in the order of the text, each with its path', (t) => {
  t.deepEqual(
    [...places.values()].map(({ path }) => path.join('.')),
    [
      '',
      'names',
      'names.0',
      'names.1',
      'names.1.arch',
      'names.1.version',
      'again',
      'base',
      'base.source',
      'base.empty',
    ],
  );
});

test('an empty text has no places', (t) => {
  t.is(yamlPlaces('').size, 0);
});
