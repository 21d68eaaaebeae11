import test from 'ava';
import { compareVersions, isOlder, minorOf } from '../../src/catalog/compare-versions.js';

for (const [left, right, expected] of [
  ['1.9', '1.10', -1],
  ['1.10', '1.9', 1],
  ['1.29', '1.29.0', 0],
  ['3.10.0-1160', '3.10', 0],
  ['257', '252', 1],
] as const) {
  test(`${left} against ${right}: ${expected}`, (t) => {
    t.is(compareVersions(left, right), expected);
    t.is(isOlder(left, right), expected < 0);
  });
}

test('the minor of a version', (t) => {
  t.is(minorOf('1.29.15'), '1.29');
  t.is(minorOf('1.29'), '1.29');
});
