import test from 'ava';
import { load } from 'js-yaml';
import { editLock } from '../../src/lock/edit-lock.js';
import { type Lock, lockSchema } from '../../src/lock/lock.js';

const [OLD, NEW] = [`sha256:${'1'.repeat(64)}`, `sha256:${'2'.repeat(64)}`] as const;
const TEXT = `# Ours.
source: upstream # from the projects
version: 1
kubernetes: "1.35.7"

artifacts:
  # Pinned by hand.
  - digest: ${OLD}   # checked
    name: runc
    version: '1.3.6'
    arch: amd64
    kind: file
    url: https://example.test/v1.3.6/runc.amd64
    source: a
  - { name: etcd, version: 3.6.14, arch: amd64, kind: tar, url: "https://example.test/etcd", digest: ${OLD}, source: b }
`;
const before = lockSchema.parse(load(TEXT));

function edit(changes: (lock: Lock) => void, text = TEXT): string {
  const [from, after] = [lockSchema.parse(load(text)), lockSchema.parse(load(text))];
  changes(after);
  const edited = editLock({ text, before: from, after });
  checkMeaning(edited, after);
  return edited;
}

/** Whatever it looks like, it means what was asked for. */
function checkMeaning(text: string, lock: Lock): void {
  const read = JSON.stringify(lockSchema.parse(load(text)));
  if (read !== JSON.stringify(lockSchema.parse(lock)))
    throw new RangeError(`${read} is not ${JSON.stringify(lock)}`);
}

test('only the scalars that changed are other bytes', (t) => {
  const edited = edit((lock) => {
    lock.kubernetes = '1.35.9';
    Object.assign(lock.artifacts[0] ?? {}, {
      version: '1.3.7',
      digest: NEW,
      url: 'https://example.test/v1.3.7/runc.amd64',
    });
    Object.assign(lock.artifacts[1] ?? {}, {
      version: '3.6.15',
      digest: NEW,
      source: 'https://example.test/SHA256SUMS',
    });
  });
  const expected = TEXT.replace('"1.35.7"', '"1.35.9"')
    .replaceAll('1.3.6', '1.3.7')
    .replace('3.6.14', '3.6.15')
    .replaceAll(OLD, NEW)
    .replace('source: b', 'source: https://example.test/SHA256SUMS');
  t.is(edited, expected);
});

test('nothing changed, nothing written anew', (t) => {
  t.is(
    edit(() => {}),
    TEXT,
  );
});

test('a base that was not there comes at the end', (t) => {
  const base = { kind: 'archive', url: 'http://deb.debian.org/debian', digest: NEW, source: 'c' } as const;
  const edited = edit((lock) => {
    lock.base = base;
  });
  t.is(
    edited,
    `${TEXT}base:\n  kind: archive\n  url: http://deb.debian.org/debian\n  digest: ${NEW}\n  source: c\n`,
  );
});

test('new keys of a base that is there come after its last', (t) => {
  const text = `${TEXT}base: # mine\n  kind: archive\n  url: http://deb.debian.org/debian # near\n  source: c # of me\n# end\n`;
  const edited = edit((lock) => {
    Object.assign(lock.base ?? {}, { digest: NEW, date: '2026-11-20T02:11:10.000Z' });
  }, text);
  t.is(edited, text.replace('# of me\n', `# of me\n  digest: ${NEW}\n  date: '2026-11-20T02:11:10.000Z'\n`));
});

test('dates that were not there are a mapping of their own', (t) => {
  const base = 'base:\n  kind: archive\n  url: http://deb.debian.org/debian\n  source: c\n# end\n';
  const edited = edit((lock) => {
    Object.assign(lock.base ?? {}, { dates: { bookworm: '2026-11-20T02:11:10.000Z' } });
  }, TEXT + base);
  const added = "  dates:\n    bookworm: '2026-11-20T02:11:10.000Z'\n# end\n";
  t.is(edited, (TEXT + base).replace('# end\n', added));
  const again = edit((lock) => {
    const dates = { bookworm: '2026-11-21T02:11:10.000Z', 'bookworm-security': '2026-11-22T02:11:10.000Z' };
    Object.assign(lock.base ?? {}, { dates });
  }, edited);
  const further = "21T02:11:10.000Z'\n    bookworm-security: '2026-11-22T02:11:10.000Z'\n# end\n";
  t.is(again, edited.replace("20T02:11:10.000Z'\n# end\n", further));
});

test('line ends are those of the file', (t) => {
  const windows = (text: string): string => text.replaceAll('\n', '\r\n');
  const base =
    'base:\n  kind: archive\n  url: http://deb.debian.org/debian # near\n  source: c # of me\n# end\n';
  const dates = { bookworm: '2026-11-20T02:11:10.000Z' };
  const renew = (lock: Lock): void => {
    lock.kubernetes = '1.35.9';
    Object.assign(lock.base ?? {}, { digest: NEW, dates });
  };
  t.is(edit(renew, windows(TEXT + base)), windows(edit(renew, TEXT + base)));
  const add = (lock: Lock): void => {
    lock.base = { kind: 'archive', url: 'http://deb.debian.org/debian', digest: NEW, dates, source: 'c' };
  };
  t.is(edit(add, windows(TEXT)), windows(edit(add)));
});

test('quotes, colons and what YAML would read as something else stay what they are', (t) => {
  const edited = edit((lock) => {
    lock.kubernetes = '1.35.10';
    Object.assign(lock.artifacts[0] ?? {}, { version: '1.4', source: 'a: b # c' });
    Object.assign(lock.artifacts[1] ?? {}, { version: '3.7' });
  });
  t.regex(edited, /kubernetes: "1\.35\.10"\n/);
  t.regex(edited, /version: '1\.4'\n/);
  t.regex(edited, /version: '3\.7', arch/);
  t.regex(edited, /source: 'a: b # c'\n/);
  const quoted = edit(
    (lock) => {
      Object.assign(lock.artifacts[0] ?? {}, { source: "it's" });
    },
    TEXT.replace('source: a\n', "source: 'a'\n"),
  );
  t.regex(quoted, /source: 'it''s'\n/);
});

test('what cannot be changed in place is refused, not spoilt', (t) => {
  const flow = `${TEXT}base: { kind: archive, url: "http://deb.debian.org/debian", source: c }\n`;
  const parsed = lockSchema.parse(load(flow));
  const after = { ...parsed, base: { ...parsed.base, digest: NEW } } as Lock;
  t.throws(() => editLock({ text: flow, before: parsed, after }), { message: /cannot be changed in place/ });
  const shorter = { ...before, artifacts: before.artifacts.slice(1) };
  t.throws(() => editLock({ text: TEXT, before, after: shorter }), { message: /cannot be changed in place/ });
});
