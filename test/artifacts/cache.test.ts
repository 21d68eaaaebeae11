import { chmodSync, existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { admitToCache, cachedPath, cacheFolder, findCached } from '../../src/artifacts/cache.js';
import { sha256 } from './artifact-server.js';
import { useTemporaryCache } from './temporary-cache.js';

const cache = useTemporaryCache();

async function admit(content: string): Promise<string> {
  mkdirSync(cache, { recursive: true });
  const temporary = path.join(cache, `new-${sha256(content).slice(7, 20)}`);
  writeFileSync(temporary, content);
  return await admitToCache(temporary, sha256(content));
}

test('an admitted file is found by its digest', async (t) => {
  const file = await admit('found');
  t.is(file, path.join(cache, 'artifacts', 'sha256', sha256('found').slice(7)));
  t.is(await findCached(sha256('found')), file);
  t.is(await findCached(sha256('never seen')), undefined);
});

test('an edit of the same length and date is noticed, and the file removed', async (t) => {
  const file = await admit('original');
  const past = new Date(0);
  utimesSync(file, past, past);
  t.is(await findCached(sha256('original')), file);
  chmodSync(file, 0o644);
  writeFileSync(file, 'tampered');
  utimesSync(file, past, past);
  t.is(await findCached(sha256('original')), undefined);
  t.false(existsSync(file));
});

test('a file that came from elsewhere (a restored backup) is checked and then trusted', async (t) => {
  const digest = sha256('restored');
  const file = cachedPath(digest);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, 'restored');
  const note = cacheFolder('checked', 'artifacts', 'sha256', digest.slice(7));
  t.false(existsSync(note));
  t.is(await findCached(digest), file);
  t.regex(readFileSync(note, 'utf8'), /^8 \d+ \d+$/);
});

test.serial('the cache is under XDG_CACHE_HOME when that is absolute, else under the home folder', (t) => {
  const before = process.env.XDG_CACHE_HOME;
  t.teardown(() => {
    process.env.XDG_CACHE_HOME = before;
  });
  process.env.XDG_CACHE_HOME = '/somewhere';
  t.is(cacheFolder('artifacts'), '/somewhere/kiln/artifacts');
  process.env.XDG_CACHE_HOME = 'relative';
  t.regex(cacheFolder('artifacts'), /^\/.*\/\.cache\/kiln\/artifacts$/);
});
