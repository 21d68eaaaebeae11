import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { cachedPath, cacheFolder } from '../../src/artifacts/cache.js';
import { KilnError } from '../../src/errors.js';
import { createGate } from '../../src/gate/gate.js';
import { artifactAt, cutAfter, serve, serverFor, sha256, someBytes } from './artifact-server.js';
import { failure, fetch, partials, settings } from './quick-fetch.js';
import { useTemporaryCache } from './temporary-cache.js';

useTemporaryCache();

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
