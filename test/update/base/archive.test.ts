import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { KilnError } from '../../../src/errors.js';
import type { Lock } from '../../../src/lock/lock.js';
import { createPublisher, DIGEST, type Publisher } from '../publisher.js';

const MAIN = 'http://deb.debian.org/debian';
const SECURITY = 'http://deb.debian.org/debian-security';
const FUTURE = 'Fri, 20 Nov 2099 02:11:10 UTC';
const PAST = 'Fri, 20 Nov 2020 02:11:10 UTC';

/** Signatures are what verify-index.test.ts is about; here every one is good, as those of old indexes are. */
test.before(() => {
  const folder = mkdtempSync(path.join(tmpdir(), 'kiln-gpgv-'));
  const script = "#!/bin/sh\ncat >/dev/null\necho '[GNUPG:] VALIDSIG 0' >&2\n";
  writeFileSync(path.join(folder, 'gpgv'), script, { mode: 0o755 });
  process.env.PATH = `${folder}:${process.env.PATH}`;
});

interface Index {
  suite: string;
  day?: number;
  packages?: string;
  until?: string | undefined;
  codename?: string;
  alias?: string;
}

function index({
  suite,
  day = 10,
  packages = 'a',
  until,
  codename = suite,
  alias = 'oldstable',
}: Index): string {
  return [
    '-----BEGIN PGP SIGNED MESSAGE-----',
    'Hash: SHA256',
    '',
    'Origin: Debian',
    `Suite: ${alias}`,
    `Codename: ${codename}`,
    `Date: ${new Date(Date.UTC(2026, 6, day)).toUTCString()}`,
    ...(until === undefined ? [] : [`Valid-Until: ${until}`]),
    'SHA256:',
    ` ${DIGEST(packages)} 1 main/binary-amd64/Packages`,
    '-----BEGIN PGP SIGNATURE-----',
    '',
    'x',
    '-----END PGP SIGNATURE-----',
    '',
  ].join('\n');
}

function publish({ publish: put }: Publisher, archive: string, given: Index): void {
  put(`${archive}/dists/${given.suite}/InRelease`, index(given));
}

/** A Debian 12 whose archive is in its first state. */
function debian(base?: Lock['base']): Publisher {
  const publisher = createPublisher({
    os: 'debian12',
    change: (lock) => ({ ...lock, source: 'debian', ...(base === undefined ? {} : { base }) }),
  });
  publish(publisher, MAIN, { suite: 'bookworm' });
  publish(publisher, MAIN, { suite: 'bookworm-updates' });
  publish(publisher, SECURITY, { suite: 'bookworm-security', day: 15, until: FUTURE });
  return publisher;
}

const options = { baseKind: 'archive', offline: false } as const;

async function refused(publisher: Publisher, offline = false): Promise<KilnError> {
  const before = publisher.text();
  let error: unknown;
  try {
    await publisher.update({ ...options, offline });
  } catch (thrown) {
    error = thrown;
  }
  if (!(error instanceof KilnError)) throw new Error(`not refused: ${String(error)}`);
  if (publisher.text() !== before) throw new Error('the lock was written');
  return error;
}

test.serial(
  'the state is recorded with the date of each suite, and again when packages are others',
  async (t) => {
    const publisher = debian();
    t.true((await publisher.update(options)).written);
    const july = (day: number) => `2026-07-${day}T00:00:00.000Z`;
    t.like(publisher.lock().base, {
      kind: 'archive',
      suite: 'bookworm',
      date: july(15),
      dates: { bookworm: july(10), 'bookworm-updates': july(10), 'bookworm-security': july(15) },
    });
    t.false((await publisher.update(options)).changed);
    publish(publisher, MAIN, { suite: 'bookworm', day: 20, packages: 'b' });
    t.true((await publisher.update(options)).written);
    t.like(publisher.lock().base, { date: july(20), dates: { bookworm: july(20) } });
  },
);

test.serial('a lock of the time when one date was kept for all gets the others', async (t) => {
  const base = { kind: 'archive', url: MAIN, suite: 'bookworm', source: 'x' } as const;
  const publisher = debian({ ...base, digest: `sha256:${DIGEST('f')}`, date: '2026-07-12T00:00:00.000Z' });
  t.true((await publisher.update(options)).written);
  t.like(publisher.lock().base, { dates: { bookworm: '2026-07-10T00:00:00.000Z' } });
});

test.serial('an index of another suite is refused, however well it is signed', async (t) => {
  for (const offline of [false, true]) {
    const publisher = debian();
    const other = {
      suite: 'bookworm-security',
      codename: 'bullseye-security',
      alias: 'oldoldstable-security',
    };
    publish(publisher, SECURITY, other);
    const error = await refused(publisher, offline);
    t.is(error.code, 'UPDATE_FAILED');
    t.is(
      error.message,
      `${SECURITY}/dists/bookworm-security/InRelease is signed, but it is the index of bullseye-security, oldoldstable-security, not of bookworm-security`,
    );
  }
});

test.serial('a suite may be asked for by its alias', async (t) => {
  const archives = [{ url: MAIN, suites: ['stable'], components: ['main'] }];
  const publisher = debian({ kind: 'archive', url: MAIN, archives, source: 'x' });
  publish(publisher, MAIN, { suite: 'stable', codename: 'bookworm', alias: 'stable' });
  t.true((await publisher.update(options)).written);
});

test.serial('an index past its Valid-Until is refused', async (t) => {
  const publisher = debian();
  publish(publisher, SECURITY, { suite: 'bookworm-security', day: 16, packages: 'b', until: PAST });
  const error = await refused(publisher);
  t.is(error.code, 'UPDATE_FAILED');
  t.regex(error.message, /bookworm-security\/InRelease is signed, but it was good until Fri, 20 Nov 2020/);
  t.regex(error.hint ?? '', /Renew the mirror.*snapshot\.debian\.org.*ignoreValidUntil/);
});

test.serial('offline, an expired index is told, its state not taken up, and the rest goes on', async (t) => {
  const publisher = debian();
  publish(publisher, SECURITY, { suite: 'bookworm-security', until: PAST });
  const result = await publisher.update({ ...options, offline: true });
  t.false(result.written);
  t.is(publisher.lock().base, undefined);
  t.is(
    result.kept.find(({ name }) => name === 'base')?.reason,
    'the mirror’s index of bookworm-security is no longer good: renew the mirror',
  );
  t.deepEqual(result.unanswered, [
    {
      about: 'base',
      url: `${SECURITY}/dists/bookworm-security/InRelease`,
      reason: `it was good until ${PAST}`,
    },
  ]);
});

test.serial(
  'an older state that a person chose is kept to: a snapshot, or a copy that is said to be old',
  async (t) => {
    const url = 'http://snapshot.debian.org/archive/debian-security/20201121T000000Z';
    const part = { suites: ['bookworm-security'], components: ['main'] };
    const base = { kind: 'archive', url: MAIN, source: 'x' } as const;
    const expired = { suite: 'bookworm-security', until: PAST };
    const snapshot = debian({ ...base, archives: [{ url, ...part }] });
    publish(snapshot, url, expired);
    t.true((await snapshot.update(options)).written);
    const own = 'http://mirror.example.test/frozen';
    const frozen = debian({ ...base, archives: [{ url: own, ...part, ignoreValidUntil: true }] });
    publish(frozen, own, expired);
    t.true((await frozen.update(options)).written);
    t.like(frozen.lock().base, { archives: [{ ignoreValidUntil: true }] });
  },
);

test.serial('an older suite is refused although another one was signed since', async (t) => {
  const publisher = debian();
  await publisher.update(options);
  publish(publisher, MAIN, { suite: 'bookworm', day: 3, packages: 'b' });
  publish(publisher, SECURITY, { suite: 'bookworm-security', day: 20, until: FUTURE });
  const error = await refused(publisher);
  t.is(error.code, 'UPDATE_FAILED');
  t.is(
    error.message,
    'The archive is older than the lock’s state of it:\n  bookworm: signed 2026-07-03T00:00:00.000Z, the lock’s 2026-07-10T00:00:00.000Z',
  );
  t.regex(error.hint ?? '', /take `digest`, `date` and `dates` out/);
});

test.serial('with one date for all, an archive that is older as a whole is refused', async (t) => {
  const base = { kind: 'archive', url: MAIN, suite: 'bookworm', source: 'x' } as const;
  const date = '2026-08-01T00:00:00.000Z';
  const error = await refused(debian({ ...base, digest: `sha256:${DIGEST('f')}`, date }));
  t.regex(error.message, /its newest suite: signed 2026-07-15T00:00:00\.000Z, the lock’s 2026-08-01T/);
  t.true((await debian({ ...base }).update(options)).written, 'without the date it is a choice');
});
