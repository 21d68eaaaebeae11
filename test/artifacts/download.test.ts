import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { artifactAt, serve, serverFor, someBytes, status } from './artifact-server.js';
import { failure, fetch, settings } from './quick-fetch.js';
import { useTemporaryCache } from './temporary-cache.js';

useTemporaryCache();

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
    XDG_CACHE_HOME: temporaryFolder(),
    http_proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
  };
  const script = path.join(import.meta.dirname, 'fetch-one.js');
  const { stdout } = await promisify(execFile)(process.execPath, [script, JSON.stringify(artifact)], {
    env: environment,
  });
  t.is(stdout.trim(), '{}');
  t.deepEqual(asked, ['downloads.kiln.example:80']);
});
