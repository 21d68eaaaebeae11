import { chmodSync, existsSync, readFileSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { cachedPath } from '../../src/artifacts/cache.js';
import { createGate } from '../../src/gate/gate.js';
import { silentProgress } from '../../src/progress.js';
import { artifactAt, serve, serverFor, sha256, someBytes } from './artifact-server.js';
import { failure, fetch, partials } from './quick-fetch.js';
import { useTemporaryCache } from './temporary-cache.js';

const cache = useTemporaryCache();

test('downloads into the cache, read-only, and asks once', async (t) => {
  const bytes = someBytes('plain', 300_000);
  const server = await serverFor(t, { '/thing': serve(bytes) });
  const artifacts = [artifactAt(`${server.origin}/thing`, bytes)];
  const progress: [string, number, number | undefined][] = [];
  const watch = {
    ...silentProgress,
    bytes: (...call: [string, number, number | undefined]) => progress.push(call),
  };

  const paths = await fetch({ artifacts, progress: watch });
  await fetch({ artifacts });

  const file = paths.get('thing') ?? '';
  t.is(file, path.join(cache, 'artifacts', 'sha256', sha256(bytes).slice(7)));
  t.deepEqual(readFileSync(file), bytes);
  t.is(statSync(file).mode & 0o777, 0o444);
  t.deepEqual(server.requests, ['GET /thing']);
  t.deepEqual(progress.at(-1), ['thing', bytes.length, bytes.length]);
});

test('a sha512 digest is checked as such', async (t) => {
  const bytes = someBytes('sha512', 1000);
  const { createHash } = await import('node:crypto');
  const digest = `sha512:${createHash('sha512').update(bytes).digest('hex')}`;
  const server = await serverFor(t, { '/thing': serve(bytes) });
  const paths = await fetch({ artifacts: [artifactAt(`${server.origin}/thing`, bytes, { digest })] });
  t.deepEqual(readFileSync(paths.get('thing') ?? ''), bytes);
});

test('a wrong digest stops the fetch, names both digests and leaves no file', async (t) => {
  const bytes = someBytes('tampered', 5000);
  const server = await serverFor(t, { '/thing': serve(bytes) });
  const expected = sha256('something else');
  const artifacts = [artifactAt(`${server.origin}/thing`, bytes, { digest: expected })];
  const error = await failure(t, fetch({ artifacts }));
  t.is(error.code, 'DIGEST_MISMATCH');
  t.is(
    error.message,
    `Wrong digest for thing\n  from     ${server.origin}/thing\n  expected ${expected}\n  actual   ${sha256(bytes)}`,
  );
  t.false(existsSync(cachedPath(expected)));
  t.deepEqual(partials(expected), []);
});

test('everything that cannot be downloaded is told at once, by host', async (t) => {
  const server = await serverFor(t, {});
  const artifacts = [
    artifactAt('http://127.0.0.1:1/b', Buffer.from('b'), { name: 'b' }),
    artifactAt('http://127.0.0.1:1/a', Buffer.from('a'), { name: 'a' }),
    artifactAt(`${server.origin}/c`, Buffer.from('c'), { name: 'c' }),
    artifactAt('https://debian.kiln.invalid/d', Buffer.from('d'), { name: 'd' }),
  ];
  const error = await failure(t, fetch({ artifacts }));
  t.is(error.code, 'DOWNLOAD_FAILED');
  const lines = error.message.split('\n');
  t.is(lines[0], 'Could not download 4 of the artifacts:');
  t.deepEqual(
    lines.filter((line) => /^ {2}\S/.test(line)).sort(),
    ['  127.0.0.1:1', `  ${new URL(server.origin).host}`, '  debian.kiln.invalid'].sort(),
  );
  t.true(lines.includes('    d: only a mirror can hold it'));
  t.true(lines.findIndex((line) => /^ {4}a: /.test(line)) < lines.findIndex((line) => /^ {4}b: /.test(line)));
});

test('a corrupted cache entry is noticed and fetched again', async (t) => {
  const bytes = someBytes('corrupted', 4000);
  const server = await serverFor(t, { '/thing': serve(bytes) });
  const artifacts = [artifactAt(`${server.origin}/thing`, bytes)];
  const file = (await fetch({ artifacts })).get('thing') ?? '';
  chmodSync(file, 0o644);
  truncateSync(file, 3999);
  await fetch({ artifacts });
  t.deepEqual(readFileSync(file), bytes);
  t.is(server.requests.length, 2);
});

test('many at once, of the same bytes too', async (t) => {
  const bytes = someBytes('shared', 100_000);
  const server = await serverFor(t, { '/thing': serve(bytes) });
  const artifacts = Array.from({ length: 12 }, (_, index) =>
    artifactAt(`${server.origin}/thing`, bytes, { name: `thing-${index}` }),
  );
  const [first, second] = await Promise.all([fetch({ artifacts }), fetch({ artifacts })]);
  t.is(first.size, 12);
  t.deepEqual([...new Set([...first.values(), ...second.values()])], [cachedPath(sha256(bytes))]);
  t.deepEqual(readFileSync(cachedPath(sha256(bytes))), bytes);
  t.deepEqual(partials(sha256(bytes)), []);
});

test('a dry run lists the downloads and does none', async (t) => {
  const server = await serverFor(t, {});
  const gate = createGate({ dryRun: true });
  const artifact = artifactAt(`${server.origin}/thing`, Buffer.from('dry'));
  const paths = await fetch({ gate, artifacts: [artifact] });
  t.deepEqual(gate.actions, [{ verb: 'download', target: artifact.url, reason: 'thing' }]);
  t.is(paths.get('thing'), cachedPath(artifact.digest));
  t.deepEqual(server.requests, []);
});
