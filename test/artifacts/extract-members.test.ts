import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { cacheFolder } from '../../src/artifacts/cache.js';
import { extractMembers } from '../../src/artifacts/extract-members.js';
import { KilnError } from '../../src/errors.js';
import { createGate } from '../../src/gate/gate.js';
import type { LockedArtifact } from '../../src/plan/types.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { artifactAt } from './artifact-server.js';
import { useTemporaryCache } from './temporary-cache.js';

useTemporaryCache();
const gate = createGate({});

/** An archive as GNU tar makes it, with `./` in front and directories in between. */
function makeArchive(contents: Record<string, string>, name: string) {
  const folder = temporaryFolder();
  const root = path.join(folder, 'root');
  for (const [member, content] of Object.entries(contents)) {
    const file = path.join(root, member);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content, { mode: 0o755 });
  }
  const file = path.join(folder, name);
  execFileSync('tar', ['-C', root, '-caf', file, '.']);
  const artifact: LockedArtifact = artifactAt(`https://example.org/${name}`, readFileSync(file), {
    kind: 'tar',
  });
  return { artifact, file };
}

const MEMBERS = { 'bin/one': '1', 'bin/two': '2', 'bin/deep/three': '3', top: 't' };

for (const name of ['a.tar', 'a.tar.gz', 'a.tgz']) {
  test(`members come out of ${name}`, async (t) => {
    const archive = makeArchive({ ...MEMBERS, name }, name);
    const paths = await extractMembers({ gate, ...archive, members: ['top', 'bin/two'] });
    t.deepEqual([...paths.keys()], ['bin/two', 'top']);
    t.is(readFileSync(paths.get('bin/two') ?? '', 'utf8'), '2');
  });
}

test('a star takes the files of one folder', async (t) => {
  const archive = makeArchive({ ...MEMBERS, star: '*' }, 'a.tar');
  const inBin = await extractMembers({ gate, ...archive, members: ['bin/*'] });
  t.deepEqual([...inBin.keys()], ['bin/one', 'bin/two']);
  const onTop = await extractMembers({ gate, ...archive, members: ['*'] });
  t.deepEqual([...onTop.keys()], ['star', 'top']);
});

test.serial('what is missing is named with what is there, and nothing is left', async (t) => {
  const archive = makeArchive({ ...MEMBERS, missing: 'no' }, 'a.tar.gz');
  const error = await t.throwsAsync(
    extractMembers({ gate, ...archive, members: ['top', 'nope', 'sbin/*'] }),
    {
      instanceOf: KilnError,
      code: 'ARCHIVE_MEMBER_MISSING',
    },
  );
  t.is(
    error?.message,
    'thing 1.0.0 (https://example.org/a.tar.gz) has no nope, sbin/*. It holds:\n' +
      '  bin/deep/three\n  bin/one\n  bin/two\n  missing\n  top',
  );
  t.deepEqual(
    readdirSync(cacheFolder('extracted')).filter((name) => name.includes('tmp')),
    [],
  );
});

test('a second call unpacks nothing; a file changed since is unpacked again', async (t) => {
  const archive = makeArchive({ ...MEMBERS, again: 'yes' }, 'a.tar');
  const first = await extractMembers({ gate, ...archive, members: ['top'] });
  const withoutArchive = { ...archive, file: '/nowhere' };
  t.deepEqual(await extractMembers({ gate, ...withoutArchive, members: ['top'] }), first);
  const file = first.get('top') ?? '';
  chmodSync(file, 0o644);
  writeFileSync(file, 'changed');
  t.is(
    readFileSync((await extractMembers({ gate, ...archive, members: ['top'] })).get('top') ?? '', 'utf8'),
    't',
  );
});

test('two at once bring the same files', async (t) => {
  const archive = makeArchive({ ...MEMBERS, twice: '2' }, 'a.tar');
  const calls = Array.from({ length: 4 }, () =>
    extractMembers({ gate, ...archive, members: ['bin/*', 'top'] }),
  );
  const [first, ...others] = await Promise.all(calls);
  for (const other of others) t.deepEqual(other, first);
  t.is(readFileSync(first?.get('bin/one') ?? '', 'utf8'), '1');
});
