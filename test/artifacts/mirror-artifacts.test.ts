import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { mirrorArtifacts } from '../../src/artifacts/mirror-artifacts.js';
import { createGate } from '../../src/gate/gate.js';
import type { Lock } from '../../src/lock/lock.js';
import { readLock } from '../../src/lock/read-lock.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { artifactAt, serve, serverFor, someBytes } from './artifact-server.js';
import { useTemporaryCache } from './temporary-cache.js';

useTemporaryCache();

test('the mirror holds the files by URL, the lock and sums that sha256sum accepts; a second run mends', async (t) => {
  const [one, two] = [someBytes('mirror one', 5000), someBytes('mirror two', 70_000)];
  const server = await serverFor(t, { '/a/one': serve(one), '/two': serve(two) });
  const artifacts = [
    artifactAt(`${server.origin}/a/one`, one, { name: 'one' }),
    artifactAt(`${server.origin}/two`, two, { name: 'two' }),
  ];
  const lock: Lock = { version: 1, source: 'upstream', kubernetes: '1.29.15', artifacts };
  const to = temporaryFolder();
  const gate = createGate({});
  await mirrorArtifacts({ gate, lock, to });

  const host = path.join(to, new URL(server.origin).host);
  t.deepEqual(readFileSync(path.join(host, 'a', 'one')), one);
  t.deepEqual(readLock(path.join(to, 'kiln.lock.yaml')), lock);
  const check = () =>
    execFileSync('sha256sum', ['--strict', '-c', 'SHA256SUMS'], { cwd: to, encoding: 'utf8' });
  t.is(check().trim().split('\n').length, 2);

  const untouched = statSync(path.join(host, 'a', 'one')).ino;
  truncateSync(path.join(host, 'two'), 100);
  await mirrorArtifacts({ gate, lock, to });
  t.deepEqual(readFileSync(path.join(host, 'two')), two);
  t.is(statSync(path.join(host, 'a', 'one')).ino, untouched);
  t.is(check().trim().split('\n').length, 2);
  t.deepEqual(server.requests.sort(), ['GET /a/one', 'GET /two']);
});

test('a dry run writes nothing', async (t) => {
  const to = path.join(temporaryFolder(), 'mirror');
  const gate = createGate({ dryRun: true });
  const artifacts = [artifactAt('https://example.org/dry', Buffer.from('dry run'))];
  await mirrorArtifacts({
    gate,
    lock: { version: 1, source: 'upstream', kubernetes: '1.29.15', artifacts },
    to,
  });
  t.deepEqual(
    gate.actions.map(({ verb, target }) => `${verb} ${target}`),
    ['download https://example.org/dry', `write ${to}`],
  );
  t.throws(() => statSync(to), { code: 'ENOENT' });
});
