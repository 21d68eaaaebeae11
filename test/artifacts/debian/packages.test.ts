import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { loadDebianSuite } from '../../../src/artifacts/debian/load-debian-suite.js';
import { packImage } from '../../../src/artifacts/debian/pack-image.js';
import { upstreamVersion } from '../../../src/artifacts/debian/package-version.js';
import { loadComponents } from '../../../src/catalog/load-catalog.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { sha256 } from '../artifact-server.js';

for (const [debian, upstream] of [
  ['1.6.20~ds1-1+deb12u3', '1.6.20'],
  ['1.20.5+really1.20.2-1.1+deb12u1', '1.20.2'],
  ['3.4.23-4+b4', '3.4.23'],
  ['1.1.1+ds1-3+b5', '1.1.1'],
  ['2:1.19~1', '1.19'],
  ['0.1.7-1+b2', '0.1.7'],
] as const) {
  test(`the upstream version in ${debian} is ${upstream}`, (t) => {
    t.is(upstreamVersion(debian), upstream);
  });
}

test('a suite gives every file of the components it packs, in the layout the catalog knows', async (t) => {
  const { suite } = await loadDebianSuite('bookworm');
  const components = loadComponents();
  for (const { name, members, kind } of suite.artifacts) {
    const wanted = Object.keys(components[name]?.members ?? {});
    if (kind === 'tar') for (const member of wanted) t.true(member in members, `${name}: ${member}`);
    else t.is(typeof components[name]?.path, 'string', name);
  }
  const packed = suite.kubernetes.programs.map((program) =>
    suite.kubernetes.member.replace('{program}', program),
  );
  for (const member of Object.keys(components['kubernetes-server']?.members ?? {}))
    t.true(packed.includes(member));
});

test('an unknown suite is named with those there are', async (t) => {
  await t.throwsAsync(loadDebianSuite('potato'), {
    code: 'UNKNOWN_NAME',
    message: 'Unknown Debian suite "potato"',
  });
});

test('an image is the same bytes each time, and every digest in it is right', async (t) => {
  const folder = temporaryFolder();
  const program = path.join(folder, 'program');
  writeFileSync(program, '#!/bin/sh\n');
  async function pack(name: string): Promise<string> {
    return await packImage({
      files: new Map([['pause', program]]),
      entrypoint: ['/pause', '-P'],
      repository: 'pause',
      arch: 'amd64',
      folder: path.join(folder, name),
      signal: new AbortController().signal,
    });
  }
  const digest = await pack('one');
  t.is(await pack('two'), digest);
  const root = path.join(folder, 'one', 'v2', 'pause');
  for (const kind of ['blobs', 'manifests']) {
    for (const name of readdirSync(path.join(root, kind)))
      t.is(sha256(readFileSync(path.join(root, kind, name))), name);
  }
  const manifest = JSON.parse(readFileSync(path.join(root, 'manifests', digest), 'utf8'));
  const config = JSON.parse(readFileSync(path.join(root, 'blobs', manifest.config.digest), 'utf8'));
  t.deepEqual(config.rootfs.diff_ids, [manifest.layers[0].digest]);
  t.deepEqual(config.config.Entrypoint, ['/pause', '-P']);
  t.deepEqual(config.config.Env, ['PATH=/'], 'programs are found where the first of them is');
  const layer = path.join(root, 'blobs', manifest.layers[0].digest);
  t.regex(execFileSync('tar', ['-tvf', layer], { encoding: 'utf8' }), /^-rwxr-xr-x root\/root .* pause\n$/);
});
