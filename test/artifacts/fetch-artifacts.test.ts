import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { cachedPath, cacheFolder } from '../../src/artifacts/cache.js';
import { type FetchOptions, fetchArtifacts } from '../../src/artifacts/fetch-artifacts.js';
import { KilnError } from '../../src/errors.js';
import { createGate } from '../../src/gate/gate.js';
import { artifactAt, cutAfter, serve, serverFor, sha256, someBytes, status } from './artifact-server.js';
import { temporaryFolder, useTemporaryCache } from './temporary-cache.js';

const cache = useTemporaryCache();
// A busy machine may let a local server wait for seconds; only the test of a stall has a short time for it.
const settings = { attempts: 3, firstDelay: 5, stallTimeout: 60_000 };

function fetch(options: Omit<FetchOptions, 'gate'> & Partial<FetchOptions>): Promise<Map<string, string>> {
  return fetchArtifacts({ gate: createGate({}), settings, ...options });
}

async function failure(t: ExecutionContext, promise: Promise<unknown>): Promise<KilnError> {
  return (await t.throwsAsync(promise, { instanceOf: KilnError })) as KilnError;
}

function partials(digest: string): string[] {
  const folder = cacheFolder('partial');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.includes(digest.slice(7)));
}

test('downloads into the cache, read-only, and asks once', async (t) => {
  const bytes = someBytes('plain', 300_000);
  const server = await serverFor(t, { '/thing': serve(bytes) });
  const artifacts = [artifactAt(`${server.origin}/thing`, bytes)];
  const progress: [string, number, number | undefined][] = [];
  const watch = {
    step() {},
    note() {},
    end() {},
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

test('a download that is cut off is resumed where it ended', async (t) => {
  const bytes = someBytes('cut', 200_000);
  const server = await serverFor(t, { '/thing': cutAfter(bytes, 120_000) });
  const paths = await fetch({ artifacts: [artifactAt(`${server.origin}/thing`, bytes)] });
  t.deepEqual(readFileSync(paths.get('thing') ?? ''), bytes);
  t.deepEqual(server.requests, ['GET /thing', 'GET /thing bytes=120000-']);
});

test('a download that never completes is a clear error, and the next run resumes it', async (t) => {
  const bytes = someBytes('cut for ever', 100_000);
  let isMended = false;
  const server = await serverFor(t, {
    '/thing': (request, response, count) => {
      if (isMended) return serve(bytes)(request, response, count);
      if (request.headers.range !== undefined) return response.destroy();
      return cutAfter(bytes, 60_000)(request, response, count);
    },
  });
  const artifacts = [artifactAt(`${server.origin}/thing`, bytes)];
  const error = await failure(t, fetch({ artifacts }));
  t.is(error.code, 'DOWNLOAD_FAILED');
  t.regex(error.message, /thing: /);
  t.regex(error.hint ?? '', /--mirror DIR.*bake fetch --source debian.*resumes/s);
  t.is(server.requests.length, settings.attempts);
  t.false(existsSync(cachedPath(sha256(bytes))));

  isMended = true;
  const paths = await fetch({ artifacts });
  t.deepEqual(readFileSync(paths.get('thing') ?? ''), bytes);
  t.is(server.requests.at(-1), 'GET /thing bytes=60000-');
  t.deepEqual(partials(sha256(bytes)), []);
});

test('a stale partial file costs one clean download, not a false alarm', async (t) => {
  const bytes = someBytes('stale', 50_000);
  mkdirSync(cacheFolder('partial'), { recursive: true });
  writeFileSync(cacheFolder('partial', sha256(bytes).replace(':', '-')), 'from another file');
  const server = await serverFor(t, { '/thing': serve(bytes) });
  const paths = await fetch({ artifacts: [artifactAt(`${server.origin}/thing`, bytes)] });
  t.deepEqual(readFileSync(paths.get('thing') ?? ''), bytes);
  t.deepEqual(server.requests, ['GET /thing bytes=17-', 'GET /thing']);
});

test('a server without ranges is read from the start again', async (t) => {
  const bytes = someBytes('no ranges', 50_000);
  const server = await serverFor(t, {
    '/thing': (_request, response, count) => {
      response.writeHead(200, { 'content-length': bytes.length });
      if (count > 1) response.end(bytes);
      else response.write(bytes.subarray(0, 20_000), () => setTimeout(() => response.destroy(), 50));
    },
  });
  const paths = await fetch({ artifacts: [artifactAt(`${server.origin}/thing`, bytes)] });
  t.deepEqual(readFileSync(paths.get('thing') ?? ''), bytes);
});

for (const code of [500, 503, 429]) {
  test(`HTTP ${code} is tried again`, async (t) => {
    const bytes = someBytes(`status ${code}`, 1000);
    const server = await serverFor(t, {
      '/thing': (...call) => (call[2] === 1 ? status(code) : serve(bytes))(...call),
    });
    const paths = await fetch({ artifacts: [artifactAt(`${server.origin}/thing`, bytes)] });
    t.true(existsSync(paths.get('thing') ?? ''));
    t.is(server.requests.length, 2);
  });
}

test('HTTP 404 is an answer: not tried again', async (t) => {
  const server = await serverFor(t, {});
  const error = await failure(
    t,
    fetch({ artifacts: [artifactAt(`${server.origin}/gone`, Buffer.from('404'))] }),
  );
  t.is(error.code, 'DOWNLOAD_FAILED');
  t.regex(error.message, /thing: HTTP 404 Not Found\n {6}http.*\/gone/);
  t.is(server.requests.length, 1);
});

test('a server that sends nothing more is given up', async (t) => {
  const bytes = someBytes('stall', 10_000);
  const server = await serverFor(t, {
    '/thing': (_request, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 10));
    },
  });
  const artifacts = [artifactAt(`${server.origin}/thing`, bytes)];
  const error = await failure(
    t,
    fetch({ artifacts, settings: { ...settings, attempts: 1, stallTimeout: 100 } }),
  );
  t.regex(error.message, /thing: no data for 0.1 s/);
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

test('offline lists everything that is missing at once and asks nobody', async (t) => {
  const server = await serverFor(t, {});
  const mirror = temporaryFolder(t);
  const here = someBytes('offline, here', 100);
  mkdirSync(path.join(mirror, 'example.org'), { recursive: true });
  writeFileSync(path.join(mirror, 'example.org', 'here'), here);
  const artifacts = [
    artifactAt('https://example.org/here', here, { name: 'here' }),
    artifactAt(`${server.origin}/two`, Buffer.from('two'), { name: 'two' }),
    artifactAt(`${server.origin}/one`, Buffer.from('one'), { name: 'one', kind: 'tar' }),
    artifactAt(`${server.origin}/v2/image/manifests/x`, Buffer.from('img'), { name: 'image/x', kind: 'oci' }),
  ];
  const error = await failure(t, fetch({ artifacts, offline: true, mirror }));
  t.is(error.code, 'ARTIFACTS_MISSING');
  const url = `${server.origin}/v2/image/manifests/${sha256('img')}`;
  t.is(
    error.message,
    `Offline, and 3 of the artifacts are not in the cache or ${mirror}:\n` +
      `  image/x\n    ${url}\n    ${sha256('img')}\n` +
      `  one\n    ${server.origin}/one\n    ${sha256('one')}\n` +
      `  two\n    ${server.origin}/two\n    ${sha256('two')}`,
  );
  t.deepEqual(server.requests, []);
});

test('a mirror is asked before the network; what it lacks is downloaded', async (t) => {
  const [mirrored, remote] = [someBytes('mirrored', 70_000), someBytes('remote', 100)];
  const server = await serverFor(t, { '/remote': serve(remote) });
  const mirror = temporaryFolder(t);
  const folder = path.join(mirror, new URL(server.origin).host, 'deep');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'file'), mirrored);
  const paths = await fetch({
    mirror,
    artifacts: [
      artifactAt(`${server.origin}/deep/file`, mirrored, { name: 'mirrored' }),
      artifactAt(`${server.origin}/remote`, remote, { name: 'remote' }),
    ],
  });
  t.deepEqual(readFileSync(paths.get('mirrored') ?? ''), mirrored);
  t.deepEqual(server.requests, ['GET /remote']);
});

test('a wrong file in the mirror stops the fetch and is not cached', async (t) => {
  const mirror = temporaryFolder(t);
  mkdirSync(path.join(mirror, 'example.org'));
  writeFileSync(path.join(mirror, 'example.org', 'file'), 'evil');
  const artifact = artifactAt('https://example.org/file', someBytes('mirror, wrong', 9));
  const error = await failure(t, fetch({ mirror, artifacts: [artifact] }));
  t.is(error.code, 'DIGEST_MISMATCH');
  t.true(error.message.includes(path.join(mirror, 'example.org', 'file')));
  t.true(error.message.includes(sha256('evil')));
  t.false(existsSync(cachedPath(artifact.digest)));
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

test('an interrupt ends the fetch at once and keeps what arrived for the next', async (t) => {
  const bytes = someBytes('interrupted', 50_000);
  const server = await serverFor(t, {
    '/thing': (_request, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 20_000));
    },
  });
  const controller = new AbortController();
  const reason = new KilnError('INTERRUPTED', 'interrupted');
  const artifacts = [artifactAt(`${server.origin}/thing`, bytes)];
  const running = fetch({ gate: createGate({ signal: controller.signal }), artifacts });
  while (!partials(sha256(bytes)).some((name) => statSync(cacheFolder('partial', name)).size === 20_000))
    await sleep(5);
  controller.abort(reason);
  t.is(await failure(t, running), reason);
  t.deepEqual(partials(sha256(bytes)), [sha256(bytes).replace(':', '-')]);
  t.false(existsSync(cachedPath(sha256(bytes))));
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

test.serial('a cache that cannot be written is named with the mend', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(path.join(folder, 'file'), '');
  const before = process.env.XDG_CACHE_HOME;
  process.env.XDG_CACHE_HOME = path.join(folder, 'file');
  t.teardown(() => {
    process.env.XDG_CACHE_HOME = before;
  });
  const server = await serverFor(t, { '/thing': serve(Buffer.from('x')) });
  const error = await failure(
    t,
    fetch({ artifacts: [artifactAt(`${server.origin}/thing`, Buffer.from('x'))] }),
  );
  t.is(error.code, 'OUT_DIR_UNWRITABLE');
  t.regex(error.message, /^Cannot write to .*\/file\/kiln\/.*: a part of the path is a file$/);
  t.regex(error.hint ?? '', /XDG_CACHE_HOME/);
});

test('a proxy of the environment is used', async (t) => {
  const bytes = someBytes('proxied', 5000);
  const target = await serverFor(t, { '/thing': serve(bytes) });
  const asked: string[] = [];
  const proxy = createServer().on('connect', (request, socket, head) => {
    asked.push(request.url ?? '');
    const upstream = connect(Number(new URL(target.origin).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      socket.pipe(upstream).pipe(socket);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.teardown(() => proxy.close());
  const artifact = artifactAt('http://downloads.kiln.example/thing', bytes);
  const environment = {
    ...process.env,
    XDG_CACHE_HOME: temporaryFolder(t),
    http_proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
  };
  const script = path.join(import.meta.dirname, 'fetch-one.js');
  const { stdout } = await promisify(execFile)(process.execPath, [script, JSON.stringify(artifact)], {
    env: environment,
  });
  t.is(stdout.trim(), '{}');
  t.deepEqual(asked, ['downloads.kiln.example:80']);
});

test('a full disk is named with the bytes that were needed', async (t) => {
  const bytes = someBytes('full disk', 3_000_000);
  const server = await serverFor(t, { '/thing': serve(bytes) });
  const artifact = artifactAt(`${server.origin}/thing`, bytes);
  const folder = temporaryFolder(t);
  const script = path.join(import.meta.dirname, 'fetch-one.js');
  // A real file system of 1 MiB, seen by this one process only.
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const args = [...user, '--mount', 'sh', '-c'];
  const command = 'mount -t tmpfs -o size=1m none "$1" && XDG_CACHE_HOME=$1 exec "$2" "$3" "$4"';
  const { stdout } = await promisify(execFile)('unshare', [
    ...args,
    command,
    'sh',
    folder,
    process.execPath,
    script,
    JSON.stringify(artifact),
  ]);
  const { code, message } = JSON.parse(stdout);
  t.is(code, 'DISK_FULL');
  t.regex(message, /^No space left in .*\/kiln\/partial; 3000000 bytes are needed$/);
});
