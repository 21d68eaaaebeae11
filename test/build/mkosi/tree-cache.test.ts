import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, utimesSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { archiveState, indexUrls } from '../../../src/build/mkosi/archive-state.js';
import { completeTree, type Tree, treeFolder } from '../../../src/build/mkosi/tree-cache.js';

const CONFIG = [
  { path: 'mkosi.conf', content: 'Release=bookworm\nSeed=1\nPackages=\n    jq\n' },
  { path: 'mkosi.sandbox/etc/apt/sources.list.d/mkosi.sources', content: 'URIs: x\n' },
];
const folder = mkdtempSync(path.join(tmpdir(), 'kiln-trees-'));
process.env.XDG_CACHE_HOME = folder;

let index: string | undefined;
let asked: string[] = [];
let server: Server;

test.before(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.statusCode = index === undefined ? 503 : 200;
    response.end(index === undefined ? undefined : release(index));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

test.after.always(() => {
  server.close();
});

/** A signed index as far as it is read; `packages` stands for what the archive holds. */
function release(packages: string): string {
  const digest = createHash('sha256').update(packages).digest('hex');
  return `Date: Fri, 20 Nov 2026 02:11:10 UTC\nSHA256:\n ${digest} 123 main/binary-amd64/Packages\n`;
}

function choose({
  config = CONFIG,
  name = 'debian12-amd64',
  online = true,
  pinned,
}: {
  config?: typeof CONFIG;
  name?: string;
  online?: boolean;
  pinned?: string | undefined;
} = {}): Promise<Tree> {
  return treeFolder({
    name,
    arch: 'amd64',
    toolbox: 'abc',
    config,
    archives: online ? archives() : [],
    pinned,
    signal: new AbortController().signal,
  });
}

function archives() {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/debian/`;
  return [{ url, suites: ['bookworm', 'bookworm-updates'], components: ['main'] }];
}

function withSetting(from: string, to: string): typeof CONFIG {
  return CONFIG.map((file) => ({ ...file, content: file.content.replace(from, to) }));
}

/** As a bake leaves it. */
async function finish(tree: Tree): Promise<void> {
  mkdirSync(path.join(tree.folder, 'debian.cache'), { recursive: true });
  await completeTree(tree, { archives: archives(), arch: 'amd64', signal: new AbortController().signal });
}

test.serial('one folder for each set of packages and state of the archive', async (t) => {
  index = 'monday';
  asked = [];
  const monday = await choose();
  t.deepEqual(asked, ['/debian/dists/bookworm/InRelease', '/debian/dists/bookworm-updates/InRelease']);
  t.true(monday.archiveAnswered);
  t.false(monday.complete);
  t.deepEqual(await choose(), monday);
  t.deepEqual(await choose({ config: withSetting('Seed=1', 'Seed=2') }), monday);
  t.not((await choose({ config: withSetting('jq', 'curl') })).folder, monday.folder);
  t.not((await choose({ config: withSetting('URIs: x', 'URIs: y') })).folder, monday.folder);
  index = 'tuesday';
  t.not((await choose()).folder, monday.folder);
});

test.serial('a finished bake completes its tree and removes what it replaces', async (t) => {
  index = 'monday';
  const monday = await choose();
  await finish(monday);
  t.deepEqual(readdirSync(monday.folder).sort(), ['complete', 'debian.cache']);
  t.true((await choose()).complete);
  index = 'tuesday';
  const tuesday = await choose();
  await finish(tuesday);
  t.deepEqual(readdirSync(path.dirname(tuesday.folder)), [path.basename(tuesday.folder)]);
});

test.serial(
  'an archive that does not answer, or is not asked, leaves the newest complete tree',
  async (t) => {
    index = 'monday';
    const config = withSetting('jq', 'socat');
    t.deepEqual(
      { ...(await choose({ config, online: false })), folder: '' },
      { folder: '', complete: false, archiveAnswered: false },
    );
    const tree = await choose({ config });
    await finish(tree);
    const half = path.join(path.dirname(tree.folder), 'half-made');
    mkdirSync(half);
    utimesSync(half, Date.now() / 1000 + 60, Date.now() / 1000 + 60);
    index = undefined;
    const expected = { folder: tree.folder, complete: true, archiveAnswered: false };
    t.deepEqual(await choose({ config }), expected);
    t.deepEqual(await choose({ config, online: false }), expected);
  },
);

test.serial('a lock that pins the state of the archive gets that state or nothing', async (t) => {
  const config = withSetting('jq', 'ipset');
  const texts = (packages: string) => new Map(indexUrls(archives()).map((url) => [url, release(packages)]));
  const pinned = archiveState({ archives: archives(), arch: 'amd64', indexes: texts('monday') })?.digest;
  index = 'tuesday';
  const error = await t.throwsAsync(choose({ config, pinned }), { name: 'KilnError' });
  t.regex(error.message, new RegExp(`expected ${pinned}\n  actual   sha256:[0-9a-f]{64}$`));
  index = undefined;
  t.like(await choose({ config, pinned }), { complete: false, archiveAnswered: false });
  index = 'monday';
  const monday = await choose({ config, pinned });
  t.is(monday.folder, (await choose({ config })).folder);
  await finish(monday);
  index = 'tuesday';
  asked = [];
  t.like(await choose({ config, pinned }), { folder: monday.folder, complete: true });
  t.deepEqual(asked, []);
});

test.serial('an archive that changes while packages are installed leaves no tree', async (t) => {
  const config = withSetting('jq', 'socat ipset');
  index = 'monday';
  const monday = await choose({ config });
  index = 'tuesday';
  await t.throwsAsync(finish(monday), { message: /changed while its packages were being installed/ });
  index = 'monday';
  t.false((await choose({ config })).complete);
});
