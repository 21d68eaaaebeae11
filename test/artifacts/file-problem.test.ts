import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { artifactAt, serve, serverFor, someBytes } from './artifact-server.js';
import { failure, fetch } from './quick-fetch.js';
import { useTemporaryCache } from './temporary-cache.js';

useTemporaryCache();

test.serial('a cache that cannot be written is named with the mend', async (t) => {
  const folder = temporaryFolder();
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

test('a full disk is named with the bytes that were needed', async (t) => {
  const bytes = someBytes('full disk', 3_000_000);
  const server = await serverFor(t, { '/thing': serve(bytes) });
  const artifact = artifactAt(`${server.origin}/thing`, bytes);
  const folder = temporaryFolder();
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
