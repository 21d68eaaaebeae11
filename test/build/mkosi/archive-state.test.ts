import test from 'ava';
import { archiveState, indexUrls } from '../../../src/build/mkosi/archive-state.js';

const [HEX, OTHER] = ['a'.repeat(64), 'b'.repeat(64)] as const;
const ARCHIVES = [
  { url: 'http://deb.debian.org/debian', suites: ['bookworm', 'bookworm-updates'], components: ['main'] },
  { url: 'http://deb.debian.org/debian-security/', suites: ['bookworm-security'], components: ['main'] },
];

/** An index of one suite; `lines` follow the two that are always there. */
function release({ date = 'Sat, 11 Jul 2026 10:16:37 UTC', packages = HEX, lines = '' } = {}): string {
  return [
    '-----BEGIN PGP SIGNED MESSAGE-----',
    'Hash: SHA256',
    '',
    'Origin: Debian',
    `Date: ${date}`,
    'SHA256:',
    ` ${OTHER}     4698 main/binary-all/Packages`,
    ` ${packages}    32757 main/binary-amd64/Packages`,
    lines,
  ].join('\n');
}

function state(texts: string[], archives = ARCHIVES, arch: 'amd64' | 'arm64' = 'amd64') {
  return archiveState({
    archives,
    arch,
    indexes: new Map(indexUrls(archives).map((url, index) => [url, texts[index] ?? ''])),
  });
}

test('the signed index of every suite is asked for', (t) => {
  t.deepEqual(indexUrls(ARCHIVES), [
    'http://deb.debian.org/debian/dists/bookworm/InRelease',
    'http://deb.debian.org/debian/dists/bookworm-updates/InRelease',
    'http://deb.debian.org/debian-security/dists/bookworm-security/InRelease',
  ]);
});

test('the state changes with packages and with nothing else', (t) => {
  const before = state([release(), release(), release()]);
  t.is(before?.date, '2026-07-11T10:16:37.000Z');
  const signedAgain = state([
    release(),
    release({ date: 'Fri, 20 Nov 2026 02:11:10 UTC' }),
    release({ lines: ` ${HEX} 1 contrib/binary-amd64/Packages\n ${HEX} 1 main/binary-arm64/Packages` }),
  ]);
  t.is(signedAgain?.digest, before?.digest);
  t.is(signedAgain?.date, '2026-11-20T02:11:10.000Z');
  t.not(state([release(), release(), release({ packages: OTHER })])?.digest, before?.digest);
  const mirror = ARCHIVES.map((part) => ({
    ...part,
    url: part.url.replace('deb.debian.org', 'mirror.test'),
  }));
  t.is(state([release(), release(), release()], mirror)?.digest, before?.digest);
  t.not(state([release(), release()], ARCHIVES.slice(0, 1))?.digest, before?.digest);
});

test('each suite has a date of its own; of two suites of one name it is the older', (t) => {
  const newer = release({ date: 'Fri, 20 Nov 2026 02:11:10 UTC' });
  t.deepEqual(state([release(), newer, newer])?.dates, {
    bookworm: '2026-07-11T10:16:37.000Z',
    'bookworm-updates': '2026-11-20T02:11:10.000Z',
    'bookworm-security': '2026-11-20T02:11:10.000Z',
  });
  const twice = ['http://a.test', 'http://b.test'].map((url) => ({
    url,
    suites: ['bookworm'],
    components: ['main'],
  }));
  for (const texts of [
    [release(), newer],
    [newer, release()],
  ])
    t.deepEqual(state(texts, twice)?.dates, { bookworm: '2026-07-11T10:16:37.000Z' });
});

test('what is no index, or has none of the architecture, is no state', (t) => {
  t.is(state([release(), release(), '<html>']), undefined);
  t.is(state([release(), release(), release()], ARCHIVES, 'arm64'), undefined);
});
