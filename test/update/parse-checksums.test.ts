import test from 'ava';
import { checksumOf, parseChecksums } from '../../src/update/parse-checksums.js';

const [A, B, LONG] = ['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(128)] as const;
const URL = 'https://example.test/v1/runc.amd64';

test('every form a publisher writes', (t) => {
  t.deepEqual(
    [...parseChecksums(`${A}  one\n${B} *two\n${LONG}  ./three\nSHA256 (four.qcow2) = ${A.toUpperCase()}\n`)],
    [
      ['one', `sha256:${A}`],
      ['two', `sha256:${B}`],
      ['three', `sha512:${LONG}`],
      ['four.qcow2', `sha256:${A}`],
    ],
  );
  t.deepEqual([...parseChecksums('-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n# a comment\n')], []);
});

test('the digest of one file', (t) => {
  t.is(checksumOf(URL, `${A}\n`), `sha256:${A}`, 'bare, as dl.k8s.io has it');
  t.is(checksumOf(URL, `${A}  runc.arm64\r\n${B}  runc.amd64\r\n`), `sha256:${B}`);
  t.is(checksumOf(URL, `${B}  /home/release/runc.amd64\n`), `sha256:${B}`);
  t.is(
    checksumOf(URL, `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${B} *runc.amd64\n`),
    `sha256:${B}`,
  );
});

test('a list that does not name the file gives nothing', (t) => {
  t.is(checksumOf(URL, `${A}  runc.amd64.asc\n`), undefined);
  t.is(checksumOf(URL, `${A}  xrunc.amd64\n`), undefined);
  t.is(checksumOf(URL, `${A}\n${B}  other\n`), undefined, 'whose the bare one is, nobody says');
  t.is(checksumOf(URL, '<html>Not found</html>'), undefined);
});
