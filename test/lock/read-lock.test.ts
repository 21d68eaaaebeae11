import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { KilnError } from '../../src/errors.js';
import { readLock } from '../../src/lock/read-lock.js';
import { temporaryFolder } from '../artifacts/temporary-cache.js';

const DIGEST = `sha256:${'0'.repeat(64)}`;

function lockFile(t: ExecutionContext, text: string): string {
  const file = path.join(temporaryFolder(t), 'kiln.lock.yaml');
  writeFileSync(file, text);
  return file;
}

/** The message of the error, with the folder taken out. */
function problems(t: ExecutionContext, file: string): string {
  const error = t.throws(() => readLock(file), { instanceOf: KilnError, code: 'LOCK_INVALID' });
  return (error?.message ?? '').replaceAll(path.dirname(file), '.');
}

test('every problem of a corrupt lock is told at once, with line and column', (t) => {
  const file = lockFile(
    t,
    `# comment
version: 2
source: upstream
kubernetes: 1.29.15
artifacts:
  - name: runc
    version: 1.3.6
    arch: amd64
    kind: file
    url: https://example.org/runc
    digest: sha256:abc
    source: somewhere
  - { name: etcd, version: "3.5", arch: mips, kind: tar, url: not a url, digest: "${DIGEST}", source: here }
  - name: kubelet
    version: v1
    arch: amd64
    kind: file
    url: https://example.org/kubelet
    digest: ${DIGEST}
color: red
`,
  );
  t.is(
    problems(t, file),
    `./kiln.lock.yaml is not valid:
  ./kiln.lock.yaml:2:1: version: Invalid input: expected 1
  ./kiln.lock.yaml:11:5: artifacts[0].digest: expected sha256:<64 hex> or sha512:<128 hex>
  ./kiln.lock.yaml:13:35: artifacts[1].arch: Invalid option: expected one of "amd64"|"arm64"
  ./kiln.lock.yaml:13:58: artifacts[1].url: Invalid URL
  ./kiln.lock.yaml:14:5: artifacts[2].source: Invalid input: expected string, received undefined
  ./kiln.lock.yaml:20:1: color: unknown key`,
  );
});

test('broken YAML is told with line and column', (t) => {
  t.regex(
    problems(t, lockFile(t, 'version: 1\nartifacts: [a, b\nsource: x\n')),
    /kiln\.lock\.yaml:\d+:\d+: .+/,
  );
});

test('an empty file lacks everything', (t) => {
  const text = problems(t, lockFile(t, ''));
  for (const key of ['version', 'source', 'kubernetes', 'artifacts'])
    t.true(text.includes(`: ${key}: `), text);
});

test('a duplicate key is a problem, not a silent choice', (t) => {
  t.regex(problems(t, lockFile(t, 'version: 1\nversion: 1\n')), /kiln\.lock\.yaml:2:1: .*duplicat/i);
});

test('binary rubbish is a clear error', (t) => {
  t.regex(problems(t, lockFile(t, '\u0000\u0001PK')), /^\.\/kiln\.lock\.yaml is not valid:\n {2}\.\/kiln/);
});

test('a file that cannot be read says why', (t) => {
  const missing = path.join(temporaryFolder(t), 'kiln.lock.yaml');
  t.is(problems(t, missing), 'Cannot read ./kiln.lock.yaml: no such file or directory');
  const folder = temporaryFolder(t);
  t.is(
    problems(t, path.join(folder, '.')),
    `Cannot read ${folder}: illegal operation on a directory`.replace(path.dirname(folder), '.'),
  );
});
