import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { cachedPath } from '../../src/artifacts/cache.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { artifactAt, serve, serverFor, sha256, someBytes } from './artifact-server.js';
import { failure, fetch } from './quick-fetch.js';
import { useTemporaryCache } from './temporary-cache.js';

useTemporaryCache();

test('offline lists everything that is missing at once and asks nobody', async (t) => {
  const server = await serverFor(t, {});
  const mirror = temporaryFolder();
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
  const mirror = temporaryFolder();
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
  const mirror = temporaryFolder();
  mkdirSync(path.join(mirror, 'example.org'));
  writeFileSync(path.join(mirror, 'example.org', 'file'), 'evil');
  const artifact = artifactAt('https://example.org/file', someBytes('mirror, wrong', 9));
  const error = await failure(t, fetch({ mirror, artifacts: [artifact] }));
  t.is(error.code, 'DIGEST_MISMATCH');
  t.true(error.message.includes(path.join(mirror, 'example.org', 'file')));
  t.true(error.message.includes(sha256('evil')));
  t.false(existsSync(cachedPath(artifact.digest)));
});
