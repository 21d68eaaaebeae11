import test from 'ava';
import { plainText } from '../../../src/test-image/report/plain-text.js';

const CASES: [title: string, from: string, to: string][] = [
  ['colours', '\u001b[0;1;31mFAILED\u001b[0m unit', 'FAILED unit'],
  ['cursor movements', '\u001b[2J\u001b[1;1Hlogin', 'login'],
  ['window titles', '\u001b]0;owned\u0007text', 'text'],
  ['carriage returns at line ends', 'one\r\ntwo\r', 'one\ntwo'],
  ['tabs', 'a\tb', 'a  b'],
  ['control characters', 'a\u0000b\u0007c\u007fd\u009b31me', 'abcde'],
  ['what turns the direction of text', 'a\u202eb\u2066c', 'abc'],
  ['half a surrogate pair', 'a\ud800b', 'a\ufffdb'],
  ['code points XML forbids', 'a\ufffeb\uffffc', 'abc'],
  ['nothing of ordinary text', 'é – ✓ 漢字 😀\nline', 'é – ✓ 漢字 😀\nline'],
];

for (const [title, from, to] of CASES) {
  test(`removes ${title}`, (t) => {
    t.is(plainText(from), to);
  });
}
